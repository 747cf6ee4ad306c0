(* Writes how phrases end to the file that ROCAML_OUTCOME names.

   A phrase is: F or R, its number, the length of what it printed with Format and that text, then the number of values
   and the values (F), or the exception and what printers make of it (R). A value is a letter and what belongs to it:
     i word                      an immediate
     b tag size present fields   a block, of which so many fields follow
     s length bytes              a string
     d word                      a float's bits
     D size present words        a float array
     c word                      the first word of a custom block's data
     o                           a closure, an object, an abstract block
     ^                           a block that is being written
     ?                           beyond the limits
   Numbers are words of 8 bytes, the lowest first. *)

(* More than the printer shows of a value. *)
let nodes_max = 4000
let fields_max = 400
let depth_max = 600

let channel = open_out_bin (Sys.getenv "ROCAML_OUTCOME")
let current = ref 0

(* What is printed with Format belongs to the answer; other output does not. *)
let printed = Buffer.create 1000

let () =
  let kept = Format.formatter_of_buffer printed in
  let functions = Format.pp_get_formatter_out_functions kept () in
  List.iter
    (fun formatter -> Format.pp_set_formatter_out_functions formatter functions)
    [Format.std_formatter; Format.err_formatter]

let put_word n =
  let bytes = Bytes.create 8 in
  Bytes.set_int64_le bytes 0 n;
  output_bytes channel bytes

let put_count n = put_word (Int64.of_int n)

let put_text letter text =
  output_char channel letter;
  put_count (String.length text);
  output_string channel text

let put_floats value =
  let size = Obj.size value * Sys.word_size / 64 in
  let present = min size fields_max in
  output_char channel 'D';
  put_count size;
  put_count present;
  for i = 0 to present - 1 do
    put_word (Int64.bits_of_float (Obj.double_field value i))
  done

(* [around] are the blocks that contain the value. *)
let rec put nodes depth around value =
  decr nodes;
  if !nodes < 0 || depth > depth_max then output_char channel '?'
  else if Obj.is_int value then begin
    output_char channel 'i';
    put_count (Obj.obj value : int)
  end
  else begin
    let tag = Obj.tag value in
    if tag = Obj.string_tag then put_text 's' (Obj.obj value : string)
    else if tag = Obj.double_tag then begin
      output_char channel 'd';
      put_word (Int64.bits_of_float (Obj.obj value : float))
    end
    else if tag = Obj.double_array_tag then put_floats value
    else if tag = Obj.custom_tag then begin
      output_char channel 'c';
      put_word (if Obj.size value > 1 then Int64.of_nativeint (Obj.raw_field value 1) else 0L)
    end
    else if tag = Obj.lazy_tag || tag = Obj.forcing_tag then put_block nodes depth around value tag 0
    else if tag = Obj.object_tag then
      (* An exception's identity has its name first, an object its methods. *)
      if Obj.size value = 2 && Obj.is_block (Obj.field value 0) && Obj.tag (Obj.field value 0) = Obj.string_tag
      then put_block nodes depth around value tag 2
      else output_char channel 'o'
    else if tag = Obj.forward_tag || tag < Obj.cont_tag && tag < Obj.forcing_tag then
      if List.memq value around then output_char channel '^'
      else put_block nodes depth around value tag (Obj.size value)
    else output_char channel 'o'
  end

and put_block nodes depth around value tag size =
  let present = min size fields_max in
  output_char channel 'b';
  output_char channel (Char.chr tag);
  put_count size;
  put_count present;
  let around = value :: around in
  for i = 0 to present - 1 do
    put nodes (depth + 1) around (Obj.field value i)
  done

let put_value value = put (ref nodes_max) 0 [] value

let put_start letter =
  output_char channel letter;
  put_count !current;
  put_count (Buffer.length printed);
  Buffer.output_buffer channel printed;
  Buffer.clear printed

let starting number = current := number

let finished values =
  put_start 'F';
  put_count (Array.length values);
  Array.iter put_value values;
  flush channel

let raised exn =
  put_start 'R';
  put_value (Obj.repr exn);
  (match Printexc.use_printers exn with
   | Some text -> put_text 's' text
   | None -> output_char channel '?');
  flush channel
