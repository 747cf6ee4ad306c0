(* Formatted output: the instances of [CamlinternalFormat.make_printf].

   Most accumulators hold only text.  Such a one is assembled in a string of
   the exact size, from its last item to its first, and written at once; the
   others go item by item through [CamlinternalFormat]. *)

open CamlinternalFormatBasics
open CamlinternalFormat

(* The length of the text of [acc] plus [len], or -1 if there is more than
   text in it. *)
let rec text_length : type b c . (b, c) acc -> int -> int =
  fun acc len -> match acc with
  | End_of_acc -> len
  | Acc_string_literal (before, s) -> text_length before (len + String.length s)
  | Acc_data_string (before, s) -> text_length before (len + String.length s)
  | Acc_char_literal (before, _) -> text_length before (len + 1)
  | Acc_data_char (before, _) -> text_length before (len + 1)
  | Acc_formatting_lit _ | Acc_formatting_gen _ | Acc_delay _ | Acc_flush _
  | Acc_invalid_arg _ -> -1

(* Write the text of [acc] so that it ends before [stop]. *)
let rec write_text : type b c . bytes -> int -> (b, c) acc -> unit =
  fun b stop acc -> match acc with
  | Acc_string_literal (before, s) | Acc_data_string (before, s) ->
      let len = String.length s in
      Bytes.unsafe_blit_string s 0 b (stop - len) len;
      write_text b (stop - len) before
  | Acc_char_literal (before, c) | Acc_data_char (before, c) ->
      Bytes.unsafe_set b (stop - 1) c;
      write_text b (stop - 1) before
  | _ -> ()

let text acc len =
  let b = Bytes.create len in
  write_text b len acc;
  Bytes.unsafe_to_string b

let output oc acc =
  match acc with
  | Acc_string_literal (End_of_acc, s) -> output_string oc s
  | _ ->
      let len = text_length acc 0 in
      if len >= 0 then output_string oc (text acc len) else output_acc oc acc

let add b acc =
  let len = text_length acc 0 in
  if len >= 0 then Buffer.add_string b (text acc len) else bufput_acc b acc

let contents acc =
  let len = text_length acc 0 in
  if len >= 0 then text acc len
  else begin
    let b = Buffer.create 64 in
    strput_acc b acc;
    Buffer.contents b
  end

let kfprintf k oc (Format (fmt, _)) =
  make_printf (fun acc -> output oc acc; k oc) End_of_acc fmt

let kbprintf k b (Format (fmt, _)) =
  make_printf (fun acc -> add b acc; k b) End_of_acc fmt

let ksprintf k (Format (fmt, _)) =
  make_printf (fun acc -> k (contents acc)) End_of_acc fmt

let ikfprintf k x (Format (fmt, _)) = make_iprintf k x fmt

let ikbprintf k b format = ikfprintf k b format
let kprintf k format = ksprintf k format

let fprintf oc (Format (fmt, _)) =
  make_printf (fun acc -> output oc acc) End_of_acc fmt

let bprintf b (Format (fmt, _)) =
  make_printf (fun acc -> add b acc) End_of_acc fmt

let sprintf (Format (fmt, _)) = make_printf contents End_of_acc fmt

let ifprintf x format = ikfprintf ignore x format
let ibprintf b format = ikfprintf ignore b format
let printf format = fprintf stdout format
let eprintf format = fprintf stderr format
