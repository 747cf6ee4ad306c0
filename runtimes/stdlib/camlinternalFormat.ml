(* The engine behind [Printf], [Format] and [Scanf].

   Contents: character sets; accumulators; printing of formats; their types;
   conversion of arguments; the printers [make_printf] and [make_iprintf]; the
   parser of format strings.

   A format's representation does not depend on its type parameters.  Where a
   change of type is justified by a relation ([recast]) or by a comparison of
   types at run time ([type_format]), the value itself is kept and only its
   static type is changed: the uses of [Obj.magic] below. *)

open CamlinternalFormatBasics

(* Character sets: 256 bits, least significant bit first in each byte. *)

type mutable_char_set = bytes

let create_char_set () = Bytes.make 32 '\000'

let add_in_char_set set c =
  let byte = Char.code c lsr 3 and bit = 1 lsl (Char.code c land 7) in
  Bytes.set set byte (Char.unsafe_chr (Char.code (Bytes.get set byte) lor bit))

let freeze_char_set = Bytes.to_string

let rev_char_set set =
  String.map (fun byte -> Char.unsafe_chr (Char.code byte lxor 0xFF)) set

let is_in_char_set set c =
  let byte = Char.code set.[Char.code c lsr 3] in
  byte land (1 lsl (Char.code c land 7)) <> 0

(* An ignored conversion, [%_d], as the conversion that it ignores. *)

type ('a, 'b, 'c, 'd, 'e, 'f) param_format_ebb = Param_format_EBB :
    ('x -> 'a, 'b, 'c, 'd, 'e, 'f) fmt ->
    ('a, 'b, 'c, 'd, 'e, 'f) param_format_ebb

type 'a lit_padding = Padding of ('a, 'a) padding [@@unboxed]
type 'a lit_precision = Precision of ('a, 'a) precision [@@unboxed]

let padding_of_option = function
  | None -> Padding No_padding
  | Some width -> Padding (Lit_padding (Right, width))

let precision_of_option = function
  | None -> Precision No_precision
  | Some digits -> Precision (Lit_precision digits)

let param_format_of_ignored_format :
  type a b c d e f x y .
    (a, b, c, d, y, x) ignored -> (x, b, c, y, e, f) fmt ->
    (a, b, c, d, e, f) param_format_ebb =
  fun ign rest -> match ign with
  | Ignored_char -> Param_format_EBB (Char rest)
  | Ignored_caml_char -> Param_format_EBB (Caml_char rest)
  | Ignored_string width ->
      let Padding pad = padding_of_option width in
      Param_format_EBB (String (pad, rest))
  | Ignored_caml_string width ->
      let Padding pad = padding_of_option width in
      Param_format_EBB (Caml_string (pad, rest))
  | Ignored_int (conv, width) ->
      let Padding pad = padding_of_option width in
      Param_format_EBB (Int (conv, pad, No_precision, rest))
  | Ignored_int32 (conv, width) ->
      let Padding pad = padding_of_option width in
      Param_format_EBB (Int32 (conv, pad, No_precision, rest))
  | Ignored_nativeint (conv, width) ->
      let Padding pad = padding_of_option width in
      Param_format_EBB (Nativeint (conv, pad, No_precision, rest))
  | Ignored_int64 (conv, width) ->
      let Padding pad = padding_of_option width in
      Param_format_EBB (Int64 (conv, pad, No_precision, rest))
  | Ignored_float (width, digits) ->
      let Padding pad = padding_of_option width in
      let Precision prec = precision_of_option digits in
      Param_format_EBB (Float ((Float_flag_, Float_f), pad, prec, rest))
  | Ignored_bool width ->
      let Padding pad = padding_of_option width in
      Param_format_EBB (Bool (pad, rest))
  | Ignored_format_arg (width, ty) ->
      Param_format_EBB (Format_arg (width, ty, rest))
  | Ignored_format_subst (width, ty) ->
      Param_format_EBB (Format_subst (width, ty, rest))
  | Ignored_reader -> Param_format_EBB (Reader rest)
  | Ignored_scan_char_set (width, set) ->
      Param_format_EBB (Scan_char_set (width, set, rest))
  | Ignored_scan_get_counter counter ->
      Param_format_EBB (Scan_get_counter (counter, rest))
  | Ignored_scan_next_char -> Param_format_EBB (Scan_next_char rest)

(* Accumulators: what is to be printed, last item first. *)

type ('b, 'c) acc_formatting_gen =
  | Acc_open_tag of ('b, 'c) acc
  | Acc_open_box of ('b, 'c) acc

and ('b, 'c) acc =
  | Acc_formatting_lit of ('b, 'c) acc * formatting_lit
  | Acc_formatting_gen of ('b, 'c) acc * ('b, 'c) acc_formatting_gen
  | Acc_string_literal of ('b, 'c) acc * string
  | Acc_char_literal   of ('b, 'c) acc * char
  | Acc_data_string    of ('b, 'c) acc * string
  | Acc_data_char      of ('b, 'c) acc * char
  | Acc_delay          of ('b, 'c) acc * ('b -> 'c)
  | Acc_flush          of ('b, 'c) acc
  | Acc_invalid_arg    of ('b, 'c) acc * string
  | End_of_acc

type ('a, 'b) heter_list =
  | Cons : 'c * ('a, 'b) heter_list -> ('c -> 'a, 'b) heter_list
  | Nil : ('b, 'b) heter_list

type ('b, 'c, 'e, 'f) fmt_ebb = Fmt_EBB :
    ('a, 'b, 'c, 'd, 'e, 'f) fmt -> ('b, 'c, 'e, 'f) fmt_ebb

(* Printing of formats *)

let char_of_iconv = function
  | Int_d | Int_pd | Int_sd | Int_Cd -> 'd'
  | Int_i | Int_pi | Int_si | Int_Ci -> 'i'
  | Int_x | Int_Cx -> 'x'
  | Int_X | Int_CX -> 'X'
  | Int_o | Int_Co -> 'o'
  | Int_u | Int_Cu -> 'u'

let flag_of_iconv = function
  | Int_pd | Int_pi -> "+"
  | Int_sd | Int_si -> " "
  | Int_Cd | Int_Ci | Int_Cx | Int_CX | Int_Co | Int_Cu -> "#"
  | Int_d | Int_i | Int_x | Int_X | Int_o | Int_u -> ""

let char_of_float_kind = function
  | Float_f -> 'f'
  | Float_e -> 'e'
  | Float_E -> 'E'
  | Float_g -> 'g'
  | Float_G -> 'G'
  | Float_F | Float_CF -> 'F'
  | Float_h -> 'h'
  | Float_H -> 'H'

let flag_of_fconv (flag, kind) =
  let sign =
    match flag with
    | Float_flag_ -> ""
    | Float_flag_p -> "+"
    | Float_flag_s -> " "
  in
  if kind = Float_CF then sign ^ "#" else sign

let char_of_counter = function
  | Line_counter -> 'l'
  | Char_counter -> 'n'
  | Token_counter -> 'N'

let string_of_formatting_lit = function
  | Close_box -> "@]"
  | Close_tag -> "@}"
  | FFlush -> "@?"
  | Force_newline -> "@\n"
  | Flush_newline -> "@."
  | Escaped_at -> "@@"
  | Escaped_percent -> "@%"
  | Break (text, _, _) | Magic_size (text, _) -> text
  | Scan_indic c -> "@" ^ String.make 1 c

(* Text outside conversions, where a percent sign must be doubled. *)
let add_literal b text =
  String.iter
    (fun c -> if c = '%' then Buffer.add_string b "%%" else Buffer.add_char b c)
    text

let add_padty b = function
  | Left -> Buffer.add_char b '-'
  | Right -> ()
  | Zeros -> Buffer.add_char b '0'

let add_padding : type a b . Buffer.t -> (a, b) padding -> unit =
  fun b pad -> match pad with
  | No_padding -> ()
  | Lit_padding (padty, width) ->
      add_padty b padty;
      Buffer.add_string b (string_of_int width)
  | Arg_padding padty ->
      add_padty b padty;
      Buffer.add_char b '*'

let add_precision : type a b . Buffer.t -> (a, b) precision -> unit =
  fun b prec -> match prec with
  | No_precision -> ()
  | Lit_precision digits ->
      Buffer.add_char b '.';
      Buffer.add_string b (string_of_int digits)
  | Arg_precision -> Buffer.add_string b ".*"

let add_width b = function
  | None -> ()
  | Some width -> Buffer.add_string b (string_of_int width)

(* The members are written as runs.  [']'] and ['-'] may be inside one; else
   they go first and last, where they stand for themselves. *)
let add_char_set b set =
  let add c =
    if c = '%' || c = '@' then Buffer.add_char b '%';
    Buffer.add_char b c
  in
  Buffer.add_char b '[';
  let negated = is_in_char_set set '\000' in
  if negated then Buffer.add_char b '^';
  let set = if negated then rev_char_set set else set in
  let member code = is_in_char_set set (Char.unsafe_chr code) in
  let apart c =
    let code = Char.code c in
    member code && not (member (code - 1) && member (code + 1))
  in
  let first = apart ']' and last = apart '-' in
  let plain code =
    member code
    && not (first && code = Char.code ']' || last && code = Char.code '-')
  in
  let rec run_end code =
    if code < 255 && plain (code + 1) then run_end (code + 1) else code
  in
  let rec runs code =
    if code > 255 then ()
    else if plain code then begin
      let last = run_end code in
      add (Char.unsafe_chr code);
      if last > code + 1 then Buffer.add_char b '-';
      if last > code then add (Char.unsafe_chr last);
      runs (last + 1)
    end
    else runs (code + 1)
  in
  if first then Buffer.add_char b ']';
  runs 0;
  if last then Buffer.add_char b '-';
  Buffer.add_char b ']'

let rec add_fmtty :
  type a b c d e f g h i j k l .
    Buffer.t -> (a, b, c, d, e, f, g, h, i, j, k, l) fmtty_rel -> unit =
  fun b ty -> match ty with
  | End_of_fmtty -> ()
  | Char_ty rest -> Buffer.add_string b "%c"; add_fmtty b rest
  | String_ty rest -> Buffer.add_string b "%s"; add_fmtty b rest
  | Int_ty rest -> Buffer.add_string b "%i"; add_fmtty b rest
  | Int32_ty rest -> Buffer.add_string b "%li"; add_fmtty b rest
  | Nativeint_ty rest -> Buffer.add_string b "%ni"; add_fmtty b rest
  | Int64_ty rest -> Buffer.add_string b "%Li"; add_fmtty b rest
  | Float_ty rest -> Buffer.add_string b "%f"; add_fmtty b rest
  | Bool_ty rest -> Buffer.add_string b "%B"; add_fmtty b rest
  | Alpha_ty rest -> Buffer.add_string b "%a"; add_fmtty b rest
  | Theta_ty rest -> Buffer.add_string b "%t"; add_fmtty b rest
  | Any_ty rest -> Buffer.add_string b "%?"; add_fmtty b rest
  | Reader_ty rest -> Buffer.add_string b "%r"; add_fmtty b rest
  | Ignored_reader_ty rest -> Buffer.add_string b "%_r"; add_fmtty b rest
  | Format_arg_ty (sub, rest) ->
      Buffer.add_string b "%{";
      add_fmtty b sub;
      Buffer.add_string b "%}";
      add_fmtty b rest
  | Format_subst_ty (sub, _, rest) ->
      Buffer.add_string b "%(";
      add_fmtty b sub;
      Buffer.add_string b "%)";
      add_fmtty b rest

let string_of_fmtty ty =
  let b = Buffer.create 16 in
  add_fmtty b ty;
  Buffer.contents b

let rec custom_arguments : type a b c . (a, b, c) custom_arity -> int =
  function
  | Custom_zero -> 0
  | Custom_succ arity -> 1 + custom_arguments arity

(* [ignored]: the next conversion is to be written with the flag [_]. *)
let rec add_fmt :
  type a b c d e f . Buffer.t -> bool -> (a, b, c, d, e, f) fmt -> unit =
  fun b ignored fmt ->
  let percent () =
    Buffer.add_char b '%';
    if ignored then Buffer.add_char b '_'
  in
  let simple c rest = percent (); Buffer.add_char b c; add_fmt b false rest in
  match fmt with
  | End_of_format -> ()
  | String_literal (s, rest) -> add_literal b s; add_fmt b ignored rest
  | Char_literal (c, rest) ->
      add_literal b (String.make 1 c);
      add_fmt b ignored rest
  | Flush rest -> Buffer.add_string b "%!"; add_fmt b ignored rest
  | Formatting_lit (lit, rest) ->
      add_literal b (string_of_formatting_lit lit);
      add_fmt b ignored rest
  | Formatting_gen (gen, rest) ->
      begin match gen with
      | Open_tag (Format (_, text)) -> Buffer.add_string b ("@{" ^ text)
      | Open_box (Format (_, text)) -> Buffer.add_string b ("@[" ^ text)
      end;
      add_fmt b ignored rest
  | Char rest -> simple 'c' rest
  | Caml_char rest -> simple 'C' rest
  | Alpha rest -> simple 'a' rest
  | Theta rest -> simple 't' rest
  | Reader rest -> simple 'r' rest
  | Scan_get_counter (counter, rest) -> simple (char_of_counter counter) rest
  | Scan_next_char rest -> percent (); Buffer.add_string b "0c";
      add_fmt b false rest
  | String (pad, rest) -> percent (); add_padding b pad;
      Buffer.add_char b 's';
      add_fmt b false rest
  | Caml_string (pad, rest) -> percent (); add_padding b pad;
      Buffer.add_char b 'S';
      add_fmt b false rest
  | Bool (pad, rest) -> percent (); add_padding b pad;
      Buffer.add_char b 'B';
      add_fmt b false rest
  | Int (conv, pad, prec, rest) -> percent (); add_int b conv pad prec "";
      add_fmt b false rest
  | Int32 (conv, pad, prec, rest) -> percent (); add_int b conv pad prec "l";
      add_fmt b false rest
  | Nativeint (conv, pad, prec, rest) ->
      percent (); add_int b conv pad prec "n";
      add_fmt b false rest
  | Int64 (conv, pad, prec, rest) -> percent (); add_int b conv pad prec "L";
      add_fmt b false rest
  | Float (conv, pad, prec, rest) ->
      percent ();
      Buffer.add_string b (flag_of_fconv conv);
      add_padding b pad;
      add_precision b prec;
      Buffer.add_char b (char_of_float_kind (snd conv));
      add_fmt b false rest
  | Format_arg (width, ty, rest) ->
      percent (); add_width b width;
      Buffer.add_char b '{'; add_fmtty b ty; Buffer.add_string b "%}";
      add_fmt b false rest
  | Format_subst (width, ty, rest) ->
      percent (); add_width b width;
      Buffer.add_char b '('; add_fmtty b ty; Buffer.add_string b "%)";
      add_fmt b false rest
  | Scan_char_set (width, set, rest) ->
      percent (); add_width b width;
      add_char_set b set;
      add_fmt b false rest
  | Custom (arity, _, rest) ->
      for _ = 1 to custom_arguments arity do
        percent (); Buffer.add_char b '?'
      done;
      add_fmt b false rest
  | Ignored_param (ign, rest) ->
      let Param_format_EBB fmt = param_format_of_ignored_format ign rest in
      add_fmt b true fmt

and add_int : type x y z .
    Buffer.t -> int_conv -> (x, y) padding -> (y, z) precision -> string ->
    unit =
  fun b conv pad prec size ->
  Buffer.add_string b (flag_of_iconv conv);
  add_padding b pad;
  add_precision b prec;
  Buffer.add_string b size;
  Buffer.add_char b (char_of_iconv conv)

let string_of_fmt fmt =
  let b = Buffer.create 16 in
  add_fmt b false fmt;
  Buffer.contents b

(* Relations between types of formats *)

let rec symm :
  type a1 b1 c1 d1 e1 f1 a2 b2 c2 d2 e2 f2 .
    (a1, b1, c1, d1, e1, f1, a2, b2, c2, d2, e2, f2) fmtty_rel ->
    (a2, b2, c2, d2, e2, f2, a1, b1, c1, d1, e1, f1) fmtty_rel = function
  | End_of_fmtty -> End_of_fmtty
  | Char_ty rest -> Char_ty (symm rest)
  | String_ty rest -> String_ty (symm rest)
  | Int_ty rest -> Int_ty (symm rest)
  | Int32_ty rest -> Int32_ty (symm rest)
  | Nativeint_ty rest -> Nativeint_ty (symm rest)
  | Int64_ty rest -> Int64_ty (symm rest)
  | Float_ty rest -> Float_ty (symm rest)
  | Bool_ty rest -> Bool_ty (symm rest)
  | Alpha_ty rest -> Alpha_ty (symm rest)
  | Theta_ty rest -> Theta_ty (symm rest)
  | Any_ty rest -> Any_ty (symm rest)
  | Reader_ty rest -> Reader_ty (symm rest)
  | Ignored_reader_ty rest -> Ignored_reader_ty (symm rest)
  | Format_arg_ty (sub, rest) -> Format_arg_ty (sub, symm rest)
  | Format_subst_ty (left, right, rest) ->
      Format_subst_ty (right, left, symm rest)

let rec trans :
  type a1 b1 c1 d1 e1 f1 a2 b2 c2 d2 e2 f2 a3 b3 c3 d3 e3 f3 .
    (a1, b1, c1, d1, e1, f1, a2, b2, c2, d2, e2, f2) fmtty_rel ->
    (a2, b2, c2, d2, e2, f2, a3, b3, c3, d3, e3, f3) fmtty_rel ->
    (a1, b1, c1, d1, e1, f1, a3, b3, c3, d3, e3, f3) fmtty_rel =
  fun left right -> match left, right with
  | End_of_fmtty, End_of_fmtty -> End_of_fmtty
  | Char_ty l, Char_ty r -> Char_ty (trans l r)
  | String_ty l, String_ty r -> String_ty (trans l r)
  | Int_ty l, Int_ty r -> Int_ty (trans l r)
  | Int32_ty l, Int32_ty r -> Int32_ty (trans l r)
  | Nativeint_ty l, Nativeint_ty r -> Nativeint_ty (trans l r)
  | Int64_ty l, Int64_ty r -> Int64_ty (trans l r)
  | Float_ty l, Float_ty r -> Float_ty (trans l r)
  | Bool_ty l, Bool_ty r -> Bool_ty (trans l r)
  | Alpha_ty l, Alpha_ty r -> Alpha_ty (trans l r)
  | Theta_ty l, Theta_ty r -> Theta_ty (trans l r)
  | Any_ty l, Any_ty r -> Any_ty (trans l r)
  | Reader_ty l, Reader_ty r -> Reader_ty (trans l r)
  | Ignored_reader_ty l, Ignored_reader_ty r -> Ignored_reader_ty (trans l r)
  | Format_arg_ty (sub, l), Format_arg_ty (_, r) ->
      Format_arg_ty (sub, trans l r)
  | Format_subst_ty (first, _, l), Format_subst_ty (_, last, r) ->
      (* The type of a sub-format determines those of what follows it, so the
         types in the middle of [l] and [r] are equal: the type checker does
         not see this. *)
      Format_subst_ty (first, last, trans l (Obj.magic r))
  | _ -> assert false

let recast :
  type a1 b1 c1 d1 e1 f1 a2 b2 c2 d2 e2 f2 .
    (a1, b1, c1, d1, e1, f1) fmt ->
    (a1, b1, c1, d1, e1, f1, a2, b2, c2, d2, e2, f2) fmtty_rel ->
    (a2, b2, c2, d2, e2, f2) fmt =
  fun fmt _proof -> Obj.magic fmt

(* The type of a format *)

let fmtty_of_padding : type x a b c d e f .
    (x, a) padding -> (a, b, c, d, e, f) fmtty -> (x, b, c, d, e, f) fmtty =
  fun pad ty -> match pad with
  | No_padding -> ty
  | Lit_padding _ -> ty
  | Arg_padding _ -> Int_ty ty

let fmtty_of_precision : type x a b c d e f .
    (x, a) precision -> (a, b, c, d, e, f) fmtty -> (x, b, c, d, e, f) fmtty =
  fun prec ty -> match prec with
  | No_precision -> ty
  | Lit_precision _ -> ty
  | Arg_precision -> Int_ty ty

let rec fmtty_of_custom : type x y a b c d e f .
    (a, x, y) custom_arity -> (a, b, c, d, e, f) fmtty ->
    (y, b, c, d, e, f) fmtty =
  fun arity ty -> match arity with
  | Custom_zero -> ty
  | Custom_succ arity -> Any_ty (fmtty_of_custom arity ty)

let rec fmtty_of_fmt :
  type a b c d e f . (a, b, c, d, e, f) fmt -> (a, b, c, d, e, f) fmtty =
  function
  | End_of_format -> End_of_fmtty
  | String_literal (_, rest) -> fmtty_of_fmt rest
  | Char_literal (_, rest) -> fmtty_of_fmt rest
  | Flush rest -> fmtty_of_fmt rest
  | Formatting_lit (_, rest) -> fmtty_of_fmt rest
  | Formatting_gen (Open_tag (Format (sub, _)), rest) ->
      concat_fmtty (fmtty_of_fmt sub) (fmtty_of_fmt rest)
  | Formatting_gen (Open_box (Format (sub, _)), rest) ->
      concat_fmtty (fmtty_of_fmt sub) (fmtty_of_fmt rest)
  | Char rest -> Char_ty (fmtty_of_fmt rest)
  | Caml_char rest -> Char_ty (fmtty_of_fmt rest)
  | Scan_next_char rest -> Char_ty (fmtty_of_fmt rest)
  | String (pad, rest) -> fmtty_of_padding pad (String_ty (fmtty_of_fmt rest))
  | Caml_string (pad, rest) ->
      fmtty_of_padding pad (String_ty (fmtty_of_fmt rest))
  | Scan_char_set (_, _, rest) -> String_ty (fmtty_of_fmt rest)
  | Bool (pad, rest) -> fmtty_of_padding pad (Bool_ty (fmtty_of_fmt rest))
  | Int (_, pad, prec, rest) ->
      fmtty_of_padding pad
        (fmtty_of_precision prec (Int_ty (fmtty_of_fmt rest)))
  | Int32 (_, pad, prec, rest) ->
      fmtty_of_padding pad
        (fmtty_of_precision prec (Int32_ty (fmtty_of_fmt rest)))
  | Nativeint (_, pad, prec, rest) ->
      fmtty_of_padding pad
        (fmtty_of_precision prec (Nativeint_ty (fmtty_of_fmt rest)))
  | Int64 (_, pad, prec, rest) ->
      fmtty_of_padding pad
        (fmtty_of_precision prec (Int64_ty (fmtty_of_fmt rest)))
  | Float (_, pad, prec, rest) ->
      fmtty_of_padding pad
        (fmtty_of_precision prec (Float_ty (fmtty_of_fmt rest)))
  | Scan_get_counter (_, rest) -> Int_ty (fmtty_of_fmt rest)
  | Alpha rest -> Alpha_ty (fmtty_of_fmt rest)
  | Theta rest -> Theta_ty (fmtty_of_fmt rest)
  | Reader rest -> Reader_ty (fmtty_of_fmt rest)
  | Format_arg (_, ty, rest) -> Format_arg_ty (ty, fmtty_of_fmt rest)
  | Format_subst (_, ty, rest) -> Format_subst_ty (ty, ty, fmtty_of_fmt rest)
  | Custom (arity, _, rest) -> fmtty_of_custom arity (fmtty_of_fmt rest)
  | Ignored_param (ign, rest) -> fmtty_of_ignored ign rest

and fmtty_of_ignored : type x y a b c d e f .
    (a, b, c, d, y, x) ignored -> (x, b, c, y, e, f) fmt ->
    (a, b, c, d, e, f) fmtty =
  fun ign rest -> match ign with
  | Ignored_reader -> Ignored_reader_ty (fmtty_of_fmt rest)
  | Ignored_format_subst (_, ty) -> concat_fmtty ty (fmtty_of_fmt rest)
  | Ignored_char -> fmtty_of_fmt rest
  | Ignored_caml_char -> fmtty_of_fmt rest
  | Ignored_string _ -> fmtty_of_fmt rest
  | Ignored_caml_string _ -> fmtty_of_fmt rest
  | Ignored_int _ -> fmtty_of_fmt rest
  | Ignored_int32 _ -> fmtty_of_fmt rest
  | Ignored_nativeint _ -> fmtty_of_fmt rest
  | Ignored_int64 _ -> fmtty_of_fmt rest
  | Ignored_float _ -> fmtty_of_fmt rest
  | Ignored_bool _ -> fmtty_of_fmt rest
  | Ignored_format_arg _ -> fmtty_of_fmt rest
  | Ignored_scan_char_set _ -> fmtty_of_fmt rest
  | Ignored_scan_get_counter _ -> fmtty_of_fmt rest
  | Ignored_scan_next_char -> fmtty_of_fmt rest

exception Type_mismatch

(* Types of formats are printed without ambiguity, so they are compared as
   text. *)
let type_format fmt ty =
  if String.equal (string_of_fmtty (fmtty_of_fmt fmt)) (string_of_fmtty ty)
  then Obj.magic fmt
  else raise Type_mismatch

(* Conversion of integers *)

external format_int : string -> int -> string = "caml_format_int"
external format_int32 : string -> int32 -> string = "caml_int32_format"
external format_nativeint : string -> nativeint -> string
  = "caml_nativeint_format"
external format_int64 : string -> int64 -> string = "caml_int64_format"
external format_float : string -> float -> string = "caml_format_float"
external hexstring_of_float : float -> int -> char -> string
  = "caml_hexstring_of_float"

(* A width of [0] pads nothing.  *)
let fix_padding padty width text =
  let padty = if width < 0 then Left else padty and width = abs width in
  let len = String.length text in
  if width <= len then text
  else begin
    let room = width - len in
    let padded = Bytes.make width (if padty = Zeros then '0' else ' ') in
    begin match padty with
    | Left -> String.unsafe_blit text 0 padded 0 len
    | Right -> String.unsafe_blit text 0 padded room len
    | Zeros ->
        (* A sign, or the prefix [0x], stays before the zeros. *)
        let prefix =
          if len = 0 then 0
          else match text.[0] with
            | '+' | '-' | ' ' -> 1
            | '0' when len > 1 && (text.[1] = 'x' || text.[1] = 'X') -> 2
            | _ -> 0
        in
        String.unsafe_blit text 0 padded 0 prefix;
        String.unsafe_blit text prefix padded (room + prefix) (len - prefix)
    end;
    Bytes.unsafe_to_string padded
  end

(* A precision is the least number of digits, sign and prefix aside. *)
let fix_int_precision prec text =
  let prec = abs prec and len = String.length text in
  let with_prefix prefix =
    let width = prec + prefix in
    if width <= len then text
    else begin
      let padded = Bytes.make width '0' in
      String.unsafe_blit text 0 padded 0 prefix;
      String.unsafe_blit text prefix padded (width - len + prefix)
        (len - prefix);
      Bytes.unsafe_to_string padded
    end
  in
  match text.[0] with
  | '+' | '-' | ' ' -> with_prefix 1
  | '0' when len > 1 && (text.[1] = 'x' || text.[1] = 'X') -> with_prefix 2
  | '0' .. '9' | 'a' .. 'f' | 'A' .. 'F' -> with_prefix 0
  | _ -> text

(* The directive for the runtime, [size] being its length modifier. *)
let iconv_directive size conv =
  match conv with
  | Int_Cd | Int_Ci | Int_Cu -> "%" ^ size ^ String.make 1 (char_of_iconv conv)
  | _ ->
      "%" ^ flag_of_iconv conv ^ size ^ String.make 1 (char_of_iconv conv)

(* The runtime's formatting reads a directive and allocates twice: plain
   decimal and hexadecimal, by far the most used, are done here. *)

let digit n = Char.unsafe_chr (48 + n)

(* [n] must not be positive: [min_int] has no opposite. *)
let rec count_digits n count =
  if n > -10 then count else count_digits (n / 10) (count + 1)

let rec write_digits b pos n =
  let q = n / 10 in
  Bytes.unsafe_set b pos (digit (q * 10 - n));
  if q <> 0 then write_digits b (pos - 1) q

(* [n] in decimal, with [padty] and [width >= 0] applied. *)
let decimal padty width n =
  let sign = if n < 0 then 1 else 0 in
  let magnitude = if n < 0 then n else - n in
  let len = count_digits magnitude (1 + sign) in
  if width <= len then begin
    let b = Bytes.create len in
    if n < 0 then Bytes.unsafe_set b 0 '-';
    write_digits b (len - 1) magnitude;
    Bytes.unsafe_to_string b
  end
  else begin
    let b = Bytes.make width (if padty = Zeros then '0' else ' ') in
    let stop = if padty = Left then len else width in
    if n < 0 then
      Bytes.unsafe_set b (if padty = Zeros then 0 else stop - len) '-';
    write_digits b (stop - 1) magnitude;
    Bytes.unsafe_to_string b
  end

let hexadecimal n =
  let rec count n len = if n = 0 then len else count (n lsr 4) (len + 1) in
  let len = if n = 0 then 1 else count n 0 in
  let b = Bytes.create len in
  let rec write pos n =
    Bytes.unsafe_set b pos ("0123456789abcdef".[n land 15]);
    if pos > 0 then write (pos - 1) (n lsr 4)
  in
  write (len - 1) n;
  Bytes.unsafe_to_string b

(* [%#d] and its like: an underscore between groups of three digits. *)
let group_digits text =
  let is_digit c = c >= '0' && c <= '9' in
  let count = String.fold_left (fun n c -> if is_digit c then n + 1 else n) 0 in
  let b = Buffer.create (String.length text * 4 / 3 + 1) in
  let left = ref (count text) in
  let first = ref true in
  String.iter
    (fun c ->
      if is_digit c then begin
        if not !first && !left mod 3 = 0 then Buffer.add_char b '_';
        first := false;
        decr left
      end;
      Buffer.add_char b c)
    text;
  Buffer.contents b

let alternate conv text =
  match conv with
  | Int_Cd | Int_Ci | Int_Cu -> group_digits text
  | _ -> text

let convert_int conv n =
  match conv with
  | Int_d | Int_i -> decimal Right 0 n
  | Int_x -> hexadecimal n
  | _ -> alternate conv (format_int (iconv_directive "" conv) n)

(* Most boxed integers fit an [int]. *)
let is_plain_decimal conv = conv = Int_d || conv = Int_i

let convert_int32 conv n =
  let i = Int32.to_int n in
  if is_plain_decimal conv && Int32.equal (Int32.of_int i) n then
    decimal Right 0 i
  else alternate conv (format_int32 (iconv_directive "l" conv) n)

let convert_nativeint conv n =
  let i = Nativeint.to_int n in
  if is_plain_decimal conv && Nativeint.equal (Nativeint.of_int i) n then
    decimal Right 0 i
  else alternate conv (format_nativeint (iconv_directive "n" conv) n)

let convert_int64 conv n =
  let i = Int64.to_int n in
  if is_plain_decimal conv && Int64.equal (Int64.of_int i) n then
    decimal Right 0 i
  else alternate conv (format_int64 (iconv_directive "L" conv) n)

(* Conversion of floats *)

let default_float_precision = function
  | Float_F -> 12
  | _ -> 6

(* Directives without flag and with a small precision are kept in a table,
   filled on demand.  Domains may race to fill an entry, with equal strings. *)
let directive_cache = Array.make (5 * 20) ""

let fconv_directive (flag, kind) prec =
  let letter = if kind = Float_F then 'g' else char_of_float_kind kind in
  let make () =
    let sign = flag_of_fconv (flag, kind) in
    "%" ^ sign ^ "." ^ decimal Right 0 prec ^ String.make 1 letter
  in
  let row =
    match kind with
    | Float_f -> 0
    | Float_e -> 20
    | Float_E -> 40
    | Float_g | Float_F -> 60
    | _ -> 80
  in
  if flag = Float_flag_ && prec < 20 then
    match directive_cache.(row + prec) with
    | "" ->
        let directive = make () in
        directive_cache.(row + prec) <- directive;
        directive
    | directive -> directive
  else make ()

let hexadecimal_float flag prec x =
  let sign =
    match flag with
    | Float_flag_ -> '-'
    | Float_flag_p -> '+'
    | Float_flag_s -> ' '
  in
  hexstring_of_float x prec sign

(* What [%F] and [%#F] print is a valid OCaml expression. *)
let caml_float x text =
  match classify_float x with
  | FP_nan -> "nan"
  | FP_infinite -> if x < 0. then "neg_infinity" else "infinity"
  | FP_normal | FP_subnormal | FP_zero -> text

let with_point text =
  let marks = function '.' | 'e' | 'E' -> true | _ -> false in
  if String.exists marks text then text else text ^ "."

(* [prec]: [None] when the format gives no precision. *)
let convert_float (flag, kind as conv) prec x =
  (* Hexadecimal: a negative precision asks for all digits. *)
  let hexadecimal () =
    hexadecimal_float flag (match prec with None -> -6 | Some p -> p) x
  in
  let decimal () =
    let prec =
      match prec with None -> default_float_precision kind | Some p -> abs p
    in
    format_float (fconv_directive conv prec) x
  in
  match kind with
  | Float_f | Float_e | Float_E | Float_g | Float_G -> decimal ()
  | Float_F -> caml_float x (with_point (decimal ()))
  | Float_CF -> caml_float x (hexadecimal ())
  | Float_h -> hexadecimal ()
  | Float_H -> String.uppercase_ascii (hexadecimal ())

(* Other conversions *)

let caml_string s = "\"" ^ String.escaped s ^ "\""
let caml_char c = "'" ^ Char.escaped c ^ "'"

(* Printing.  [make_printf k acc fmt] is the function that takes the arguments
   of [fmt], adds what they print to [acc], and passes the whole to [k]. *)

let rec make_printf : type a b c d e f .
    ((b, c) acc -> f) -> (b, c) acc -> (a, b, c, d, e, f) fmt -> a =
  fun k acc fmt -> match fmt with
  | End_of_format -> k acc
  | String_literal (s, rest) ->
      make_printf k (Acc_string_literal (acc, s)) rest
  | Char_literal (c, rest) -> make_printf k (Acc_char_literal (acc, c)) rest
  | String (No_padding, rest) ->
      fun s -> make_printf k (Acc_data_string (acc, s)) rest
  | String (pad, rest) -> padded k acc rest pad (fun s -> s)
  | Caml_string (pad, rest) -> padded k acc rest pad caml_string
  | Bool (pad, rest) -> padded k acc rest pad string_of_bool
  | Char rest -> fun c -> make_printf k (Acc_data_char (acc, c)) rest
  | Caml_char rest ->
      fun c -> make_printf k (Acc_data_string (acc, caml_char c)) rest
  | Int ((Int_d | Int_i), No_padding, No_precision, rest) ->
      fun n -> make_printf k (Acc_data_string (acc, decimal Right 0 n)) rest
  | Int ((Int_d | Int_i), Lit_padding (padty, width), No_precision, rest) ->
      fun n ->
        make_printf k (Acc_data_string (acc, decimal padty width n)) rest
  | Int (conv, pad, prec, rest) -> int k acc rest pad prec (convert_int conv)
  | Int32 (conv, pad, prec, rest) ->
      int k acc rest pad prec (convert_int32 conv)
  | Nativeint (conv, pad, prec, rest) ->
      int k acc rest pad prec (convert_nativeint conv)
  | Int64 (conv, pad, prec, rest) ->
      int k acc rest pad prec (convert_int64 conv)
  | Float (conv, pad, prec, rest) ->
      let convert padty width prec x =
        fix_padding padty width (convert_float conv prec x)
      in
      padded_precise k acc rest pad prec convert
  | Alpha rest ->
      fun print x ->
        make_printf k (Acc_delay (acc, fun out -> print out x)) rest
  | Theta rest -> fun print -> make_printf k (Acc_delay (acc, print)) rest
  | Flush rest -> make_printf k (Acc_flush acc) rest
  | Format_arg (_, ty, rest) ->
      let text = string_of_fmtty ty in
      fun _ -> make_printf k (Acc_data_string (acc, text)) rest
  | Format_subst (_, ty, rest) ->
      fun (Format (fmt, _)) ->
        make_printf k acc (concat_fmt (recast fmt ty) rest)
  | Formatting_lit (lit, rest) ->
      make_printf k (Acc_formatting_lit (acc, lit)) rest
  | Formatting_gen (Open_tag (Format (sub, _)), rest) ->
      let k sub_acc =
        make_printf k (Acc_formatting_gen (acc, Acc_open_tag sub_acc)) rest
      in
      make_printf k End_of_acc sub
  | Formatting_gen (Open_box (Format (sub, _)), rest) ->
      let k sub_acc =
        make_printf k (Acc_formatting_gen (acc, Acc_open_box sub_acc)) rest
      in
      make_printf k End_of_acc sub
  | Custom (arity, produce, rest) -> custom k acc rest arity (produce ())
  (* Scanf's conversions *)
  | Scan_next_char rest -> fun c -> make_printf k (Acc_data_char (acc, c)) rest
  | Scan_get_counter (_, rest) ->
      fun n ->
        make_printf k (Acc_data_string (acc, format_int "%u" n)) rest
  | Scan_char_set (_, _, rest) ->
      let acc = Acc_invalid_arg (acc, "Printf: bad conversion %[") in
      fun _ -> make_printf k acc rest
  | Ignored_param (ign, rest) -> ignored k acc ign rest
  (* A format with [%r] has not the type of one that can be printed. *)
  | Reader _ -> assert false

and padded : type x z a b c d e f .
    ((b, c) acc -> f) -> (b, c) acc -> (a, b, c, d, e, f) fmt ->
    (x, z -> a) padding -> (z -> string) -> x =
  fun k acc rest pad convert ->
  let put text = make_printf k (Acc_data_string (acc, text)) rest in
  match pad with
  | No_padding -> fun x -> put (convert x)
  | Lit_padding (padty, width) ->
      fun x -> put (fix_padding padty width (convert x))
  | Arg_padding padty ->
      fun width x -> put (fix_padding padty width (convert x))

(* [convert padty width precision]: 0 is the width that pads nothing. *)
and padded_precise : type x y z a b c d e f .
    ((b, c) acc -> f) -> (b, c) acc -> (a, b, c, d, e, f) fmt ->
    (x, y) padding -> (y, z -> a) precision ->
    (padty -> int -> int option -> z -> string) -> x =
  fun k acc rest pad prec convert ->
  let put text = make_printf k (Acc_data_string (acc, text)) rest in
  match pad, prec with
  | No_padding, No_precision -> fun x -> put (convert Right 0 None x)
  | No_padding, Lit_precision p ->
      let p = Some p in
      fun x -> put (convert Right 0 p x)
  | No_padding, Arg_precision -> fun p x -> put (convert Right 0 (Some p) x)
  | Lit_padding (padty, w), No_precision ->
      fun x -> put (convert padty w None x)
  | Lit_padding (padty, w), Lit_precision p ->
      let p = Some p in
      fun x -> put (convert padty w p x)
  | Lit_padding (padty, w), Arg_precision ->
      fun p x -> put (convert padty w (Some p) x)
  | Arg_padding padty, No_precision ->
      fun w x -> put (convert padty w None x)
  | Arg_padding padty, Lit_precision p ->
      let p = Some p in
      fun w x -> put (convert padty w p x)
  | Arg_padding padty, Arg_precision ->
      fun w p x -> put (convert padty w (Some p) x)

and int : type x y z a b c d e f .
    ((b, c) acc -> f) -> (b, c) acc -> (a, b, c, d, e, f) fmt ->
    (x, y) padding -> (y, z -> a) precision -> (z -> string) -> x =
  fun k acc rest pad prec convert ->
  let convert padty width prec n =
    let text = convert n in
    fix_padding padty width
      (match prec with None -> text | Some p -> fix_int_precision p text)
  in
  padded_precise k acc rest pad prec convert

and custom : type x y a b c d e f .
    ((b, c) acc -> f) -> (b, c) acc -> (a, b, c, d, e, f) fmt ->
    (a, x, y) custom_arity -> x -> y =
  fun k acc rest arity produced -> match arity with
  | Custom_zero -> make_printf k (Acc_data_string (acc, produced)) rest
  | Custom_succ arity -> fun x -> custom k acc rest arity (produced x)

(* [%_d] and its like have no meaning here.  The error is raised in its turn,
   when the accumulator is output. *)
and bad_ignored : type a b c d e f .
    ((b, c) acc -> f) -> (b, c) acc -> (a, b, c, d, e, f) fmt -> a =
  fun k acc rest ->
  make_printf k (Acc_invalid_arg (acc, "Printf: bad conversion %_")) rest

and ignored : type x y a b c d e f .
    ((b, c) acc -> f) -> (b, c) acc -> (a, b, c, d, y, x) ignored ->
    (x, b, c, y, e, f) fmt -> a =
  fun k acc ign rest -> match ign with
  | Ignored_format_subst (_, ty) -> ignored_subst k acc ty rest
  | Ignored_reader -> assert false
  | Ignored_char -> bad_ignored k acc rest
  | Ignored_caml_char -> bad_ignored k acc rest
  | Ignored_string _ -> bad_ignored k acc rest
  | Ignored_caml_string _ -> bad_ignored k acc rest
  | Ignored_int _ -> bad_ignored k acc rest
  | Ignored_int32 _ -> bad_ignored k acc rest
  | Ignored_nativeint _ -> bad_ignored k acc rest
  | Ignored_int64 _ -> bad_ignored k acc rest
  | Ignored_float _ -> bad_ignored k acc rest
  | Ignored_bool _ -> bad_ignored k acc rest
  | Ignored_format_arg _ -> bad_ignored k acc rest
  | Ignored_scan_char_set _ -> bad_ignored k acc rest
  | Ignored_scan_get_counter _ -> bad_ignored k acc rest
  | Ignored_scan_next_char -> bad_ignored k acc rest

(* [%_(fmt%)] has the arguments of [fmt]. *)
and ignored_subst : type x y a b c d e f .
    ((b, c) acc -> f) -> (b, c) acc -> (a, b, c, d, y, x) fmtty ->
    (x, b, c, y, e, f) fmt -> a =
  fun k acc ty rest -> match ty with
  | End_of_fmtty -> bad_ignored k acc rest
  | Char_ty ty -> fun _ -> ignored_subst k acc ty rest
  | String_ty ty -> fun _ -> ignored_subst k acc ty rest
  | Int_ty ty -> fun _ -> ignored_subst k acc ty rest
  | Int32_ty ty -> fun _ -> ignored_subst k acc ty rest
  | Nativeint_ty ty -> fun _ -> ignored_subst k acc ty rest
  | Int64_ty ty -> fun _ -> ignored_subst k acc ty rest
  | Float_ty ty -> fun _ -> ignored_subst k acc ty rest
  | Bool_ty ty -> fun _ -> ignored_subst k acc ty rest
  | Alpha_ty ty -> fun _ _ -> ignored_subst k acc ty rest
  | Theta_ty ty -> fun _ -> ignored_subst k acc ty rest
  | Any_ty ty -> fun _ -> ignored_subst k acc ty rest
  | Format_arg_ty (_, ty) -> fun _ -> ignored_subst k acc ty rest
  | Format_subst_ty (left, right, ty) ->
      let sub = trans (symm left) right in
      fun _ -> ignored_subst k acc (concat_fmtty sub ty) rest
  | Reader_ty _ -> assert false
  | Ignored_reader_ty _ -> assert false

(* [make_iprintf k x fmt] takes the arguments of [fmt] and returns [k x]. *)

let rec make_iprintf : type a b c d e f state .
    (state -> f) -> state -> (a, b, c, d, e, f) fmt -> a =
  fun k x fmt -> match fmt with
  | End_of_format -> k x
  | String_literal (_, rest) -> make_iprintf k x rest
  | Char_literal (_, rest) -> make_iprintf k x rest
  | Flush rest -> make_iprintf k x rest
  | Formatting_lit (_, rest) -> make_iprintf k x rest
  | Formatting_gen (Open_tag (Format (sub, _)), rest) ->
      make_iprintf (fun x -> make_iprintf k x rest) x sub
  | Formatting_gen (Open_box (Format (sub, _)), rest) ->
      make_iprintf (fun x -> make_iprintf k x rest) x sub
  | Char rest -> fun _ -> make_iprintf k x rest
  | Caml_char rest -> fun _ -> make_iprintf k x rest
  | String (pad, rest) -> skip_padded k x rest pad No_precision
  | Caml_string (pad, rest) -> skip_padded k x rest pad No_precision
  | Bool (pad, rest) -> skip_padded k x rest pad No_precision
  | Int (_, pad, prec, rest) -> skip_padded k x rest pad prec
  | Int32 (_, pad, prec, rest) -> skip_padded k x rest pad prec
  | Nativeint (_, pad, prec, rest) -> skip_padded k x rest pad prec
  | Int64 (_, pad, prec, rest) -> skip_padded k x rest pad prec
  | Float (_, pad, prec, rest) -> skip_padded k x rest pad prec
  | Alpha rest -> fun _ _ -> make_iprintf k x rest
  | Theta rest -> fun _ -> make_iprintf k x rest
  | Format_arg (_, _, rest) -> fun _ -> make_iprintf k x rest
  | Format_subst (_, ty, rest) ->
      fun (Format (fmt, _)) ->
        make_iprintf k x (concat_fmt (recast fmt ty) rest)
  | Custom (arity, _, rest) -> skip_custom k x rest arity
  | Scan_char_set (_, _, rest) -> fun _ -> make_iprintf k x rest
  | Scan_get_counter (_, rest) -> fun _ -> make_iprintf k x rest
  | Scan_next_char rest -> fun _ -> make_iprintf k x rest
  | Ignored_param (ign, rest) -> ignored (fun _ -> k x) End_of_acc ign rest
  | Reader _ -> assert false

and skip_padded : type u v z a b c d e f state .
    (state -> f) -> state -> (a, b, c, d, e, f) fmt ->
    (u, v) padding -> (v, z -> a) precision -> u =
  fun k x rest pad prec -> match pad, prec with
  | No_padding, No_precision -> fun _ -> make_iprintf k x rest
  | No_padding, Lit_precision _ -> fun _ -> make_iprintf k x rest
  | No_padding, Arg_precision -> fun _ _ -> make_iprintf k x rest
  | Lit_padding _, No_precision -> fun _ -> make_iprintf k x rest
  | Lit_padding _, Lit_precision _ -> fun _ -> make_iprintf k x rest
  | Lit_padding _, Arg_precision -> fun _ _ -> make_iprintf k x rest
  | Arg_padding _, No_precision -> fun _ _ -> make_iprintf k x rest
  | Arg_padding _, Lit_precision _ -> fun _ _ -> make_iprintf k x rest
  | Arg_padding _, Arg_precision -> fun _ _ _ -> make_iprintf k x rest

and skip_custom : type u v a b c d e f state .
    (state -> f) -> state -> (a, b, c, d, e, f) fmt ->
    (a, u, v) custom_arity -> v =
  fun k x rest arity -> match arity with
  | Custom_zero -> make_iprintf k x rest
  | Custom_succ arity -> fun _ -> skip_custom k x rest arity

(* Output of accumulators, first item first.  The three functions differ in
   the destination and in what a [%a] printer is given. *)

let rec output_acc oc acc =
  match acc with
  | End_of_acc -> ()
  | Acc_string_literal (before, s) | Acc_data_string (before, s) ->
      output_acc oc before;
      output_string oc s
  | Acc_char_literal (before, c) | Acc_data_char (before, c) ->
      output_acc oc before;
      output_char oc c
  | Acc_delay (before, print) ->
      output_acc oc before;
      print oc
  | Acc_flush before ->
      output_acc oc before;
      flush oc
  | Acc_formatting_lit (before, lit) ->
      output_acc oc before;
      output_string oc (string_of_formatting_lit lit)
  | Acc_formatting_gen (before, Acc_open_tag inner) ->
      output_acc oc before;
      output_string oc "@{";
      output_acc oc inner
  | Acc_formatting_gen (before, Acc_open_box inner) ->
      output_acc oc before;
      output_string oc "@[";
      output_acc oc inner
  | Acc_invalid_arg (before, msg) ->
      output_acc oc before;
      invalid_arg msg

let rec add_acc :
  type b c . Buffer.t -> ((b -> c) -> unit) -> (b, c) acc -> unit =
  fun b call acc -> match acc with
  | End_of_acc -> ()
  | Acc_string_literal (before, s) | Acc_data_string (before, s) ->
      add_acc b call before;
      Buffer.add_string b s
  | Acc_char_literal (before, c) | Acc_data_char (before, c) ->
      add_acc b call before;
      Buffer.add_char b c
  | Acc_delay (before, print) ->
      add_acc b call before;
      call print
  | Acc_flush before -> add_acc b call before
  | Acc_formatting_lit (before, lit) ->
      add_acc b call before;
      Buffer.add_string b (string_of_formatting_lit lit)
  | Acc_formatting_gen (before, Acc_open_tag inner) ->
      add_acc b call before;
      Buffer.add_string b "@{";
      add_acc b call inner
  | Acc_formatting_gen (before, Acc_open_box inner) ->
      add_acc b call before;
      Buffer.add_string b "@[";
      add_acc b call inner
  | Acc_invalid_arg (before, msg) ->
      add_acc b call before;
      invalid_arg msg

let bufput_acc b acc = add_acc b (fun print -> print b) acc
let strput_acc b acc =
  add_acc b (fun print -> Buffer.add_string b (print ())) acc

(* Errors *)

let failwithf (Format (fmt, _)) =
  let fail acc =
    let b = Buffer.create 128 in
    strput_acc b acc;
    failwith (Buffer.contents b)
  in
  make_printf fail End_of_acc fmt

(* The text after [@\[] in angle brackets: the name of a box, an indentation,
   each optional, blanks around them. *)
let open_box_of_string text =
  let len = String.length text in
  let invalid () = failwithf "invalid box description %S" text in
  let rec skip accept i =
    if i < len && accept text.[i] then skip accept (i + 1) else i
  in
  let blanks = skip (fun c -> c = ' ' || c = '\t') in
  let name_start = blanks 0 in
  let name_end = skip (fun c -> c >= 'a' && c <= 'z') name_start in
  let indent_start = blanks name_end in
  let indent_end =
    skip (fun c -> c = '-' || (c >= '0' && c <= '9')) indent_start
  in
  if blanks indent_end <> len then invalid ();
  let indent =
    if indent_start = indent_end then 0
    else
      match
        int_of_string_opt
          (String.sub text indent_start (indent_end - indent_start))
      with
      | Some indent -> indent
      | None -> invalid ()
  in
  let kind =
    match String.sub text name_start (name_end - name_start) with
    | "" | "b" -> Pp_box
    | "h" -> Pp_hbox
    | "v" -> Pp_vbox
    | "hv" -> Pp_hvbox
    | "hov" -> Pp_hovbox
    | _ -> invalid ()
  in
  (indent, kind)

(* The parser of format strings.

   A conversion is read first into a [directive], without types; the
   constructor is then chosen from the conversion character.  [legacy] is the
   lenient mode, in which combinations of flags without meaning are accepted
   and the extra flags dropped. *)

type pad = Pad_none | Pad_fixed of padty * int | Pad_argument of padty
type prec = Prec_none | Prec_fixed of int | Prec_argument

type directive = {
  start : int;  (* index of the percent sign *)
  stop : int;  (* index after the conversion character *)
  letter : char;  (* the conversion character *)
  ignored : bool;
  plus : bool;
  hash : bool;
  space : bool;
  pad : pad;
  prec : prec;
  (* What [%s] pads with: the precision when there is no width. *)
  string_pad : pad;
}

type 'a any_padding = Any_padding : ('x, 'a) padding -> 'a any_padding

type 'a any_padprec = Any_padprec :
    ('x, 'y) padding * ('y, 'a) precision -> 'a any_padprec

let typed_padding = function
  | Pad_none -> Any_padding No_padding
  | Pad_fixed (padty, width) -> Any_padding (Lit_padding (padty, width))
  | Pad_argument padty -> Any_padding (Arg_padding padty)

let typed_padprec (type a) pad prec : a any_padprec =
  let with_precision (type y) (prec : (y, a) precision) =
    let Any_padding pad = typed_padding pad in
    Any_padprec (pad, prec)
  in
  match prec with
  | Prec_none -> with_precision No_precision
  | Prec_fixed digits -> with_precision (Lit_precision digits)
  | Prec_argument -> with_precision Arg_precision

let is_int_letter = function
  | 'd' | 'i' | 'x' | 'X' | 'o' | 'u' -> true
  | _ -> false

let is_float_letter = function
  | 'f' | 'e' | 'E' | 'g' | 'G' | 'F' | 'h' | 'H' -> true
  | _ -> false

let fmt_ebb_of_string ?legacy_behavior str =
  let legacy = Option.value legacy_behavior ~default:true in

  let fail_at pos msg =
    failwithf "invalid format %S: at character number %d, %s" str pos msg
  in
  let without pos c what =
    failwithf "invalid format %S: at character number %d, '%c' without %s"
      str pos c what
  in
  let expected pos what c =
    failwithf "invalid format %S: at character number %d, %s expected, read %C"
      str pos what c
  in
  (* [option] may not be used with [c] in the directive str[start..stop[. *)
  let incompatible start stop c option =
    failwithf
      "invalid format %S: at character number %d, \
       %s is incompatible with '%c' in sub-format %S"
      str start option c (String.sub str start (stop - start))
  in
  (* Every read of the text goes through here: a sub-format ends at [limit]. *)
  let get pos limit =
    if pos = limit then fail_at limit "unexpected end of format"
    else String.unsafe_get str pos
  in

  (* Numbers *)
  let rec natural pos limit value =
    match get pos limit with
    | '0' .. '9' as c ->
        let value = value * 10 + Char.code c - 48 in
        if value > Sys.max_string_length then
          failwithf
            "invalid format %S: integer %d is greater than the limit %d"
            str value Sys.max_string_length
        else natural (pos + 1) limit value
    | _ -> (pos, value)
  in
  let integer pos limit =
    if get pos limit <> '-' then natural pos limit 0
    else
      match get (pos + 1) limit with
      | '0' .. '9' ->
          let pos, value = natural (pos + 1) limit 0 in
          (pos, - value)
      | c -> expected (pos + 1) "digit" c
  in
  let rec blanks pos limit =
    if get pos limit = ' ' then blanks (pos + 1) limit else pos
  in

  (* Reading a directive *)
  let read_flags pos limit =
    let zero = ref false and minus = ref false and plus = ref false in
    let hash = ref false and space = ref false in
    let rec read pos =
      let set flag =
        if !flag && not legacy then
          failwithf
            "invalid format %S: at character number %d, duplicate flag %C"
            str pos str.[pos];
        flag := true;
        read (pos + 1)
      in
      match get pos limit with
      | '0' -> set zero
      | '-' -> set minus
      | '+' -> set plus
      | '#' -> set hash
      | ' ' -> set space
      | _ -> pos
    in
    let pos = read pos in
    (pos, !zero, !minus, !plus, !hash, !space)
  in
  let read_pad start pos limit zero minus =
    let padty =
      if zero && minus && not legacy then incompatible start pos '-' "0"
      else if minus then Left
      else if zero then Zeros
      else Right
    in
    match get pos limit with
    | '0' .. '9' ->
        let pos, width = natural pos limit 0 in
        (pos, Pad_fixed (padty, width))
    | '*' -> (pos + 1, Pad_argument padty)
    | _ ->
        match padty with
        | Right -> (pos, Pad_none)
        | Left when legacy -> (pos, Pad_none)
        | Left -> without (pos - 1) '-' "padding"
        (* [%0c] and [%0s] mean something to Scanf. *)
        | Zeros -> (pos, Pad_fixed (Right, 0))
  in
  (* After the point.  The boolean: a minus sign was read. *)
  let read_prec pos limit =
    match get pos limit with
    | '0' .. '9' ->
        let pos, digits = natural pos limit 0 in
        (pos, Prec_fixed digits, false)
    | '+' | '-' as c when legacy ->
        let pos, digits = natural (pos + 1) limit 0 in
        (pos, Prec_fixed digits, c = '-')
    | '*' -> (pos + 1, Prec_argument, false)
    | _ when legacy -> (pos, Prec_fixed 0, false)
    | _ -> without (pos - 1) '.' "precision"
  in
  let read_directive start limit =
    let ignored = get (start + 1) limit = '_' in
    let pos = if ignored then start + 2 else start + 1 in
    let pos, zero, minus, plus, hash, space = read_flags pos limit in
    let pos, pad = read_pad start pos limit zero minus in
    let pos, prec, string_pad =
      if get pos limit <> '.' then (pos, Prec_none, pad)
      else begin
        let pos, prec, negative = read_prec (pos + 1) limit in
        let padty = if minus || negative then Left else Right in
        let string_pad =
          match pad, prec with
          | Pad_none, Prec_fixed width -> Pad_fixed (padty, width)
          | Pad_none, Prec_argument -> Pad_argument padty
          | _ -> pad
        in
        (pos, prec, string_pad)
      end
    in
    let letter = get pos limit in
    { start; stop = pos + 1; letter; ignored; plus; hash; space; pad; prec;
      string_pad }
  in

  (* Interpretation of a directive's options *)
  let no_zeros d = function
    | (Pad_fixed (Zeros, _) | Pad_argument Zeros) when not legacy ->
        incompatible d.start d.stop d.letter "0"
    | Pad_fixed (Zeros, width) -> Pad_fixed (Right, width)
    | Pad_argument Zeros -> Pad_argument Right
    | pad -> pad
  in
  (* With a precision, integers are padded with spaces. *)
  let int_pad d =
    match d.pad, d.prec with
    | pad, Prec_none -> pad
    | (Pad_fixed (Zeros, _) | Pad_argument Zeros), _ when not legacy ->
        incompatible d.start d.stop '0' "precision"
    | Pad_fixed (Zeros, width), _ -> Pad_fixed (Right, width)
    | Pad_argument Zeros, _ -> Pad_argument Right
    | pad, _ -> pad
  in
  (* Where only a number is meaningful; [c] is what forbids the rest. *)
  let only_width d c = function
    | Pad_none -> None
    | Pad_fixed (Right, width) -> Some width
    | Pad_fixed (_, width) when legacy -> Some width
    | Pad_fixed (Zeros, _) -> incompatible d.start d.stop c "'0'"
    | Pad_fixed (Left, _) -> incompatible d.start d.stop c "'-'"
    | Pad_argument _ -> incompatible d.start d.stop c "'*'"
  in
  let only_prec d =
    match d.prec with
    | Prec_none -> None
    | Prec_fixed digits -> Some digits
    | Prec_argument -> incompatible d.start d.stop '_' "'*'"
  in
  let int_conv d stop letter =
    let signed = letter = 'd' || letter = 'i' in
    if not legacy then begin
      let bad = incompatible d.start stop in
      if d.hash && (d.plus || d.space) && (signed || letter = 'u') then
        bad letter "'#'";
      if d.plus && d.space then bad ' ' "'+'";
      if not signed && d.space then bad letter "' '";
      if not signed && d.plus then bad letter "'+'"
    end;
    let grouped = d.hash && not d.plus && not d.space in
    match letter with
    | 'd' ->
        if d.plus then Int_pd else if d.space then Int_sd
        else if grouped then Int_Cd else Int_d
    | 'i' ->
        if d.plus then Int_pi else if d.space then Int_si
        else if grouped then Int_Ci else Int_i
    | 'u' -> if grouped then Int_Cu else Int_u
    | 'x' -> if d.hash then Int_Cx else Int_x
    | 'X' -> if d.hash then Int_CX else Int_X
    | _ -> if d.hash then Int_Co else Int_o
  in
  let float_conv d =
    if d.plus && d.space && not legacy then
      incompatible d.start d.stop ' ' "'+'";
    let flag =
      if d.plus then Float_flag_p
      else if d.space then Float_flag_s
      else Float_flag_
    in
    let kind =
      match d.letter with
      | 'f' -> Float_f
      | 'e' -> Float_e
      | 'E' -> Float_E
      | 'g' -> Float_g
      | 'G' -> Float_G
      | 'h' -> Float_h
      | 'H' -> Float_H
      | _ -> if d.hash then Float_CF else Float_F
    in
    (flag, kind)
  in
  (* Options given to a conversion that makes no use of them. *)
  let check_unused d ~is_int =
    let is_float = is_float_letter d.letter in
    let numeric = is_int || is_float in
    let uses_pad =
      match d.letter with
      | 'c' | 's' | 'S' | 'b' | 'B' | '{' | '(' | '[' -> true
      | _ -> numeric
    in
    let uses_prec = is_float || (is_int && not d.ignored) in
    let bad = incompatible d.start d.stop in
    if not legacy then begin
      if d.plus && not numeric then bad d.letter "'+'";
      if d.hash && not numeric then bad d.letter "'#'";
      if d.space && not numeric then bad d.letter "' '";
      if d.pad <> Pad_none && not uses_pad then bad d.letter "`padding'";
      if d.prec <> Prec_none && not uses_prec then
        bad (if d.ignored then '_' else d.letter) "`precision'";
      if d.ignored && d.plus then bad '_' "'+'"
    end;
    if d.ignored then
      match d.letter with
      | 'a' | 't' -> bad d.letter "'_'"
      | '@' | '%' | '!' | ',' when not legacy -> bad d.letter "'_'"
      | _ -> ()
  in

  (* Character sets.  [pending] is a character that may begin a range. *)
  let read_char_set pos limit =
    let set = create_char_set () in
    let add c = add_in_char_set set c in
    let add_range first last =
      for code = Char.code first to Char.code last do
        add (Char.unsafe_chr code)
      done
    in
    let lone_percent pos =
      failwithf
        "invalid format %S: '%%' alone is not accepted in character sets, \
         use %%%% instead at position %d." str pos
    in
    let rec read pos pending =
      match pending, get pos limit with
      | None, ']' -> pos + 1
      | None, '-' -> add '-'; read (pos + 1) None
      | None, c -> read (pos + 1) (Some c)
      | Some first, ']' -> add first; pos + 1
      | Some first, '-' -> read_range (pos + 1) first
      | Some '%', ('%' | '@' as c) -> add c; read (pos + 1) None
      | Some '%', _ -> lone_percent pos
      | Some first, c -> add first; read (pos + 1) (Some c)
    and read_range pos first =
      match get pos limit with
      | ']' -> add first; add '-'; pos + 1
      | '%' ->
          begin match get (pos + 1) limit with
          | '%' | '@' as c -> add_range first c; read (pos + 2) None
          | _ -> lone_percent pos
          end
      | c -> add_range first c; read (pos + 1) None
    in
    let negated = get pos limit = '^' in
    let pos = if negated then pos + 1 else pos in
    (* Whatever comes first stands for itself. *)
    let pos = read (pos + 1) (Some (get pos limit)) in
    let set = freeze_char_set set in
    (pos, if negated then rev_char_set set else set)
  in

  (* The index of the [%}] or [%)] that closes a sub-format. *)
  let rec closing pos limit closer =
    if pos = limit then
      failwithf
        "invalid format %S: unclosed sub-format, \
         expected \"%%%c\" at character number %d" str closer limit
    else if str.[pos] <> '%' then closing (pos + 1) limit closer
    else begin
      let nested pos inner =
        closing (closing pos limit inner + 2) limit closer
      in
      match get (pos + 1) limit with
      | c when c = closer -> pos
      | '_' ->
          begin match get (pos + 2) limit with
          | '{' -> nested (pos + 3) '}'
          | '(' -> nested (pos + 3) ')'
          | _ -> closing (pos + 3) limit closer
          end
      | '{' -> nested (pos + 2) '}'
      | '(' -> nested (pos + 2) ')'
      | '}' -> expected (pos + 1) "character ')'" '}'
      | ')' -> expected (pos + 1) "character '}'" ')'
      | _ -> closing (pos + 2) limit closer
    end
  in

  (* [@;<1 2>]: [pos] is after the semicolon. *)
  let read_break pos limit =
    let default = (pos, Break ("@;", 1, 0)) in
    let closed stop width offset =
      if get stop limit = '>' then
        let text = String.sub str (pos - 2) (stop - pos + 3) in
        (stop + 1, Break (text, width, offset))
      else default
    in
    let starts_integer pos =
      match get pos limit with '0' .. '9' | '-' -> true | _ -> false
    in
    if pos = limit || str.[pos] <> '<' then default
    else
      try
        let pos = blanks (pos + 1) limit in
        if not (starts_integer pos) then default
        else begin
          let pos, width = integer pos limit in
          let pos = blanks pos limit in
          if not (starts_integer pos) then closed pos width 0
          else
            let pos, offset = integer pos limit in
            closed (blanks pos limit) width offset
        end
      with Failure _ -> default
  in
  (* [@<3>]: [pos] is after the angle bracket. *)
  let read_magic_size pos limit =
    let default = (pos, Scan_indic '<') in
    try
      let first = blanks pos limit in
      match get first limit with
      | '0' .. '9' | '-' ->
          let stop, size = integer first limit in
          let stop = blanks stop limit in
          if get stop limit <> '>' then default
          else
            let text = String.sub str (pos - 2) (stop - pos + 3) in
            (stop + 1, Magic_size (text, size))
      | _ -> default
    with Failure _ -> default
  in

  let rec parse : type e f . int -> int -> (_, _, e, f) fmt_ebb =
    fun pos limit -> literal pos pos limit

  (* Text without meaning, from [first] on. *)
  and literal : type e f . int -> int -> int -> (_, _, e, f) fmt_ebb =
    fun first pos limit ->
    let then_ (Fmt_EBB rest : (_, _, e, f) fmt_ebb) : (_, _, e, f) fmt_ebb =
      match pos - first with
      | 0 -> Fmt_EBB rest
      | 1 -> Fmt_EBB (Char_literal (str.[first], rest))
      | len -> Fmt_EBB (String_literal (String.sub str first len, rest))
    in
    if pos = limit then then_ (Fmt_EBB End_of_format)
    else
      match str.[pos] with
      | '%' -> then_ (conversion (read_directive pos limit) limit)
      | '@' -> then_ (formatting (pos + 1) limit)
      | _ -> literal first (pos + 1) limit

  and conversion : type e f . directive -> int -> (_, _, e, f) fmt_ebb =
    fun d limit ->
    let { stop; letter; _ } = d in
    (* The length modifiers are counters when no integer letter follows. *)
    let sized =
      match letter with
      | 'l' | 'n' | 'L' -> stop < limit && is_int_letter str.[stop]
      | _ -> false
    in
    let result : (_, _, e, f) fmt_ebb =
      if sized then sized_int d limit
      else if is_int_letter letter then plain_int d limit
      else if is_float_letter letter then float d limit
      else
        match letter with
        | '{' | '(' -> sub_format d limit
        | '[' -> char_set d limit
        | ',' -> parse stop limit
        | '-' | '+' | '#' | ' ' | '_' ->
            failwithf
              "invalid format %S: at character number %d, \
               flag %C is only allowed after the '%%', \
               before padding and precision"
              str d.start letter
        | 'c' | 'C' | 's' | 'S' | 'b' | 'B' | 'l' | 'n' | 'L' | 'N' | 'a'
        | 't' | 'r' | '!' | '%' | '@' ->
            simple d limit
        | _ ->
            failwithf
              "invalid format %S: at character number %d, \
               invalid conversion \"%%%c\"" str (stop - 1) letter
    in
    check_unused d ~is_int:(sized || is_int_letter letter);
    result

  and simple : type e f . directive -> int -> (_, _, e, f) fmt_ebb =
    fun d limit ->
    let Fmt_EBB rest = parse d.stop limit in
    let counter which : (_, _, e, f) fmt_ebb =
      if d.ignored then
        Fmt_EBB (Ignored_param (Ignored_scan_get_counter which, rest))
      else Fmt_EBB (Scan_get_counter (which, rest))
    in
    match d.letter with
    | 'c' ->
        let width = only_width d 'c' d.pad in
        begin match width with
        | Some 0 ->
            if d.ignored then
              Fmt_EBB (Ignored_param (Ignored_scan_next_char, rest))
            else Fmt_EBB (Scan_next_char rest)
        | Some _ when not legacy ->
            fail_at d.stop "non-zero widths are unsupported for %c conversions"
        | Some _ | None ->
            if d.ignored then Fmt_EBB (Ignored_param (Ignored_char, rest))
            else Fmt_EBB (Char rest)
        end
    | 'C' ->
        if d.ignored then Fmt_EBB (Ignored_param (Ignored_caml_char, rest))
        else Fmt_EBB (Caml_char rest)
    | 's' | 'S' | 'b' | 'B' ->
        let pad = no_zeros d d.string_pad in
        if d.ignored then begin
          let width = only_width d '_' d.string_pad in
          match d.letter with
          | 's' -> Fmt_EBB (Ignored_param (Ignored_string width, rest))
          | 'S' -> Fmt_EBB (Ignored_param (Ignored_caml_string width, rest))
          | _ -> Fmt_EBB (Ignored_param (Ignored_bool width, rest))
        end
        else begin
          match d.letter with
          | 's' ->
              let Any_padding pad = typed_padding pad in
              Fmt_EBB (String (pad, rest))
          | 'S' ->
              let Any_padding pad = typed_padding pad in
              Fmt_EBB (Caml_string (pad, rest))
          | _ ->
              let Any_padding pad = typed_padding pad in
              Fmt_EBB (Bool (pad, rest))
        end
    | 'l' -> counter Line_counter
    | 'n' -> counter Char_counter
    | 'L' | 'N' -> counter Token_counter
    | 'a' -> Fmt_EBB (Alpha rest)
    | 't' -> Fmt_EBB (Theta rest)
    | 'r' ->
        if d.ignored then Fmt_EBB (Ignored_param (Ignored_reader, rest))
        else Fmt_EBB (Reader rest)
    | '!' -> Fmt_EBB (Flush rest)
    | c -> Fmt_EBB (Char_literal (c, rest))

  and plain_int : type e f . directive -> int -> (_, _, e, f) fmt_ebb =
    fun d limit ->
    let conv = int_conv d d.stop d.letter in
    let Fmt_EBB rest = parse d.stop limit in
    if d.ignored then
      let width = only_width d '_' d.pad in
      Fmt_EBB (Ignored_param (Ignored_int (conv, width), rest))
    else
      let Any_padprec (pad, prec) = typed_padprec (int_pad d) d.prec in
      Fmt_EBB (Int (conv, pad, prec, rest))

  and sized_int : type e f . directive -> int -> (_, _, e, f) fmt_ebb =
    fun d limit ->
    let stop = d.stop + 1 in
    let conv = int_conv d stop str.[d.stop] in
    let Fmt_EBB rest = parse stop limit in
    if d.ignored then begin
      let width = only_width d '_' d.pad in
      match d.letter with
      | 'l' -> Fmt_EBB (Ignored_param (Ignored_int32 (conv, width), rest))
      | 'n' -> Fmt_EBB (Ignored_param (Ignored_nativeint (conv, width), rest))
      | _ -> Fmt_EBB (Ignored_param (Ignored_int64 (conv, width), rest))
    end
    else begin
      let pad = int_pad d in
      match d.letter with
      | 'l' ->
          let Any_padprec (pad, prec) = typed_padprec pad d.prec in
          Fmt_EBB (Int32 (conv, pad, prec, rest))
      | 'n' ->
          let Any_padprec (pad, prec) = typed_padprec pad d.prec in
          Fmt_EBB (Nativeint (conv, pad, prec, rest))
      | _ ->
          let Any_padprec (pad, prec) = typed_padprec pad d.prec in
          Fmt_EBB (Int64 (conv, pad, prec, rest))
    end

  and float : type e f . directive -> int -> (_, _, e, f) fmt_ebb =
    fun d limit ->
    let conv = float_conv d in
    let Fmt_EBB rest = parse d.stop limit in
    if d.ignored then
      let width = only_width d '_' d.pad in
      let digits = only_prec d in
      Fmt_EBB (Ignored_param (Ignored_float (width, digits), rest))
    else
      let Any_padprec (pad, prec) = typed_padprec d.pad d.prec in
      Fmt_EBB (Float (conv, pad, prec, rest))

  and sub_format : type e f . directive -> int -> (_, _, e, f) fmt_ebb =
    fun d limit ->
    let argument = d.letter = '{' in
    let stop = closing d.stop limit (if argument then '}' else ')') in
    let Fmt_EBB rest = parse (stop + 2) limit in
    let width () = only_width d (if d.ignored then '_' else d.letter) d.pad in
    if argument then begin
      let Fmt_EBB sub = parse d.stop stop in
      let ty = fmtty_of_fmt sub and width = width () in
      if d.ignored then
        Fmt_EBB (Ignored_param (Ignored_format_arg (width, ty), rest))
      else Fmt_EBB (Format_arg (width, ty, rest))
    end
    else begin
      (* Its type is tied to that of [rest], unlike the argument's above. *)
      let Fmt_EBB sub = parse d.stop stop in
      let ty = fmtty_of_fmt sub and width = width () in
      if d.ignored then
        Fmt_EBB (Ignored_param (Ignored_format_subst (width, ty), rest))
      else Fmt_EBB (Format_subst (width, ty, rest))
    end

  and char_set : type e f . directive -> int -> (_, _, e, f) fmt_ebb =
    fun d limit ->
    let stop, set = read_char_set d.stop limit in
    let Fmt_EBB rest = parse stop limit in
    let width = only_width d (if d.ignored then '_' else '[') d.pad in
    if d.ignored then
      Fmt_EBB (Ignored_param (Ignored_scan_char_set (width, set), rest))
    else Fmt_EBB (Scan_char_set (width, set, rest))

  (* After an at sign. *)
  and formatting : type e f . int -> int -> (_, _, e, f) fmt_ebb =
    fun pos limit ->
    let lit (next, lit) : (_, _, e, f) fmt_ebb =
      let Fmt_EBB rest = parse next limit in
      Fmt_EBB (Formatting_lit (lit, rest))
    in
    if pos = limit then Fmt_EBB (Char_literal ('@', End_of_format))
    else
      match str.[pos] with
      | '[' -> opening ~tag:false (pos + 1) limit
      | '{' -> opening ~tag:true (pos + 1) limit
      | ']' -> lit (pos + 1, Close_box)
      | '}' -> lit (pos + 1, Close_tag)
      | ',' -> lit (pos + 1, Break ("@,", 0, 0))
      | ' ' -> lit (pos + 1, Break ("@ ", 1, 0))
      | ';' -> lit (read_break (pos + 1) limit)
      | '?' -> lit (pos + 1, FFlush)
      | '\n' -> lit (pos + 1, Force_newline)
      | '.' -> lit (pos + 1, Flush_newline)
      | '@' -> lit (pos + 1, Escaped_at)
      | '<' -> lit (read_magic_size (pos + 1) limit)
      | '%' when pos + 1 < limit && str.[pos + 1] = '%' ->
          lit (pos + 2, Escaped_percent)
      | '%' ->
          let Fmt_EBB rest = parse pos limit in
          Fmt_EBB (Char_literal ('@', rest))
      | c -> lit (pos + 1, Scan_indic c)

  (* After the bracket of a box or tag: its description, [<...>], if any. *)
  and opening : type e f . tag:bool -> int -> int -> (_, _, e, f) fmt_ebb =
    fun ~tag pos limit ->
    let close =
      if pos < limit && str.[pos] = '<' then
        match String.index_from_opt str (pos + 1) '>' with
        | Some close when close < limit -> Some (close + 1)
        | _ -> None
      else None
    in
    match close with
    | None ->
        let Fmt_EBB rest = parse pos limit in
        let sub = Format (End_of_format, "") in
        let gen = if tag then Open_tag sub else Open_box sub in
        Fmt_EBB (Formatting_gen (gen, rest))
    | Some stop ->
        let Fmt_EBB rest = parse stop limit in
        let Fmt_EBB sub = parse pos stop in
        let sub = Format (sub, String.sub str pos (stop - pos)) in
        let gen = if tag then Open_tag sub else Open_box sub in
        Fmt_EBB (Formatting_gen (gen, rest))
  in
  parse 0 (String.length str)

let format_of_string_fmtty str ty =
  let Fmt_EBB fmt = fmt_ebb_of_string str in
  match type_format fmt ty with
  | fmt -> Format (fmt, str)
  | exception Type_mismatch ->
      failwithf "bad input: format type mismatch between %S and %S"
        str (string_of_fmtty ty)

let format_of_string_format str (Format (model, model_text)) =
  let Fmt_EBB fmt = fmt_ebb_of_string str in
  match type_format fmt (fmtty_of_fmt model) with
  | fmt -> Format (fmt, str)
  | exception Type_mismatch ->
      failwithf "bad input: format type mismatch between %S and %S"
        str model_text
