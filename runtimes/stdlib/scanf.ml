(* Formatted input.

   Conversions read characters one by one, with one character of lookahead,
   into the token buffer of the channel; the token is then converted.  How
   many characters a conversion may still read is [room], in the channel. *)

open CamlinternalFormatBasics
open CamlinternalFormat

module Scanning = struct
  type name =
    | File of string * Stdlib.in_channel
    | Channel of Stdlib.in_channel
    | Function
    | String

  (* The input comes in chunks.  [refill] replaces [chunk] and [limit], and
     answers whether there was more input. *)
  type in_channel = {
    name : name;
    mutable chunk : string;
    mutable pos : int;
    mutable limit : int;
    refill : in_channel -> bool;
    mutable eof : bool;  (* the end was seen *)
    mutable peeked : bool;  (* the character at [pos] was looked at *)
    mutable chars : int;  (* characters consumed *)
    mutable lines : int;  (* newlines consumed *)
    mutable tokens : int;
    token : Buffer.t;
    mutable room : int;
  }

  type scanbuf = in_channel
  type file_name = string

  let make name chunk refill =
    { name; chunk; pos = 0; limit = String.length chunk; refill; eof = false;
      peeked = false; chars = 0; lines = 0; tokens = 0;
      token = Buffer.create 64; room = max_int }

  let from_string s = make String s (fun _ -> false)

  let from_function next =
    make Function "" (fun ib ->
      match next () with
      | c ->
          ib.chunk <- String.make 1 c;
          ib.limit <- 1;
          true
      | exception End_of_file -> false)

  let chunk_size = 1024

  let of_channel name ic ~close_at_end =
    let buffer = Bytes.create chunk_size in
    make name "" (fun ib ->
      let n = Stdlib.input ic buffer 0 chunk_size in
      if n = 0 && close_at_end then Stdlib.close_in ic;
      (* The buffer is not written while it is the chunk. *)
      ib.chunk <- Bytes.unsafe_to_string buffer;
      ib.limit <- n;
      n > 0)

  let stdin = of_channel (File ("-", Stdlib.stdin)) Stdlib.stdin
                ~close_at_end:false

  let open_with open_file = function
    | "-" -> stdin
    | name ->
        let ic = open_file name in
        of_channel (File (name, ic)) ic ~close_at_end:true

  let open_in name = open_with Stdlib.open_in name
  let open_in_bin name = open_with Stdlib.open_in_bin name
  let from_file = open_in
  let from_file_bin = open_in_bin
  let from_channel ic = of_channel (Channel ic) ic ~close_at_end:false

  let close_in ib =
    match ib.name with
    | File (_, ic) | Channel ic -> Stdlib.close_in ic
    | Function | String -> ()

  let name_of_input ib =
    match ib.name with
    | File (name, _) -> name
    | Channel _ -> "unnamed Stdlib input channel"
    | Function -> "unnamed function"
    | String -> "unnamed character string"

  (* Ask for another chunk; the null character at the end. *)
  let[@inline never] peek_next_chunk ib =
    if not ib.eof && ib.refill ib then begin
      ib.pos <- 0;
      ib.peeked <- true;
      ib.chunk.[0]
    end
    else begin
      ib.eof <- true;
      ib.limit <- 0;
      ib.pos <- 0;
      '\000'
    end

  (* The next character, the null character at the end. *)
  let[@inline] peek ib =
    if ib.pos < ib.limit then begin
      ib.peeked <- true;
      String.unsafe_get ib.chunk ib.pos
    end
    else peek_next_chunk ib

  let end_of_input ib =
    ignore (peek ib);
    ib.eof

  let beginning_of_input ib = ib.chars = 0 && not ib.peeked

  let peek_or_fail ib =
    let c = peek ib in
    if ib.eof then raise End_of_file else c

  (* Consume the character that was looked at. *)
  let skip ib =
    if String.unsafe_get ib.chunk ib.pos = '\n' then ib.lines <- ib.lines + 1;
    ib.pos <- ib.pos + 1;
    ib.chars <- ib.chars + 1;
    ib.peeked <- false

  (* The same within a token, which may not use it or may. *)

  let drop ib =
    ib.room <- ib.room - 1;
    skip ib

  let store ib c =
    Buffer.add_char ib.token c;
    drop ib

  let take_token ib =
    let token = Buffer.contents ib.token in
    Buffer.clear ib.token;
    ib.tokens <- ib.tokens + 1;
    token
end

open Scanning

type ('a, 'b, 'c, 'd) scanner =
     ('a, Scanning.in_channel, 'b, 'c, 'a -> 'd, 'd) format6 -> 'c

type ('a, 'b, 'c, 'd) scanner_opt =
     ('a, Scanning.in_channel, 'b, 'c, 'a -> 'd option, 'd) format6 -> 'c

exception Scan_failure of string

let bad_input msg = raise (Scan_failure msg)
let bad_inputf format = Printf.ksprintf bad_input format

let mismatch wanted found = bad_inputf "looking for %C, found %C" wanted found

let token_too_short what =
  bad_inputf
    "scanning of %s failed: the specified length was too short for token" what

let bad_float () = bad_input "no dot or exponent part found in float token"
let bad_hex_float () = bad_input "not a valid float in hexadecimal notation"
let bad_escape c = bad_inputf "illegal escape character %C" c

(* No more characters for the current token. *)
let exhausted ib = ib.room = 0 || end_of_input ib

(* Literal text *)

let rec skip_blanks ib =
  match peek ib with
  | ' ' | '\t' | '\n' | '\r' -> skip ib; skip_blanks ib
  | _ -> ()

let expect_exactly ib wanted =
  let c = peek_or_fail ib in
  if c = wanted then skip ib else mismatch wanted c

(* A space stands for any blanks, a newline for either end of line. *)
let expect ib = function
  | ' ' -> skip_blanks ib
  | '\n' ->
      begin match peek_or_fail ib with
      | '\n' -> skip ib
      | '\r' -> skip ib; expect_exactly ib '\n'
      | c -> mismatch '\n' c
      end
  | c -> expect_exactly ib c

let expect_string ib s = String.iter (expect ib) s

(* Integers.  Underscores after the first digit are dropped. *)

let is_decimal = function '0' .. '9' -> true | _ -> false
let is_binary = function '0' | '1' -> true | _ -> false
let is_octal = function '0' .. '7' -> true | _ -> false

let is_hexadecimal = function
  | '0' .. '9' | 'a' .. 'f' | 'A' .. 'F' -> true
  | _ -> false

let rec scan_more_digits is_digit ib =
  (* The null character of the end is no digit. *)
  if ib.room > 0 then
    match peek ib with
    | '_' -> drop ib; scan_more_digits is_digit ib
    | c when is_digit c -> store ib c; scan_more_digits is_digit ib
    | _ -> ()

let scan_digits basis is_digit ib =
  if ib.room = 0 then token_too_short "digits";
  let c = peek_or_fail ib in
  if is_digit c then begin
    store ib c;
    scan_more_digits is_digit ib
  end
  else bad_inputf "character %C is not a valid %s digit" c basis

let scan_binary ib = scan_digits "binary" is_binary ib
let scan_octal ib = scan_digits "octal" is_octal ib
let scan_hexadecimal ib = scan_digits "hexadecimal" is_hexadecimal ib

let scan_decimal ib =
  if ib.room = 0 then token_too_short "decimal digits";
  let c = peek_or_fail ib in
  if is_decimal c then begin
    store ib c;
    scan_more_digits is_decimal ib
  end
  else bad_inputf "character %C is not a decimal digit" c

let scan_sign ib =
  match peek_or_fail ib with
  | '+' | '-' as c -> store ib c
  | _ -> ()

let scan_signed_decimal ib = scan_sign ib; scan_decimal ib

(* An OCaml literal, with its prefix. *)
let scan_signed_literal ib =
  scan_sign ib;
  if peek_or_fail ib <> '0' then scan_decimal ib
  else begin
    store ib '0';
    if not (exhausted ib) then
      match peek ib with
      | 'x' | 'X' as c -> store ib c; scan_hexadecimal ib
      | 'o' -> store ib 'o'; scan_octal ib
      | 'b' -> store ib 'b'; scan_binary ib
      | _ -> scan_more_digits is_decimal ib
  end

(* How the digits of a conversion are read, and what makes them a literal. *)
let int_scanner conv =
  match char_of_iconv conv with
  | 'd' -> (scan_signed_decimal, "")
  | 'i' -> (scan_signed_literal, "")
  | 'u' -> (scan_decimal, "0u")
  | 'o' -> (scan_octal, "0o")
  | _ -> (scan_hexadecimal, "0x")

let int_literal prefix ib =
  let token = take_token ib in
  if prefix <> "" then prefix ^ token
  else if String.starts_with ~prefix:"+" token then
    String.sub token 1 (String.length token - 1)
  else token

external int32_of_string : string -> int32 = "caml_int32_of_string"
external int64_of_string : string -> int64 = "caml_int64_of_string"
external nativeint_of_string : string -> nativeint
  = "caml_nativeint_of_string"

(* Floats *)

(* Run [scan] with at most [limit] characters of the room. *)
let within limit ib scan =
  let room = ib.room in
  let budget = Int.min room limit in
  ib.room <- budget;
  scan ib;
  ib.room <- room - (budget - ib.room)

let scan_exponent ib =
  if not (exhausted ib) then
    match peek ib with
    | 'e' | 'E' as c -> store ib c; scan_signed_decimal ib
    | _ -> ()

let scan_fraction ib =
  if not (exhausted ib) && is_decimal (peek ib) then
    scan_more_digits is_decimal ib

let scan_float precision ib =
  scan_sign ib;
  scan_more_digits is_decimal ib;
  if not (exhausted ib) then begin
    if peek ib = '.' then begin
      store ib '.';
      within precision ib scan_fraction
    end;
    scan_exponent ib
  end

let require ib error = if exhausted ib then error ()

(* The letters of [word], in either case. *)
let scan_word word ib =
  String.iter
    (fun wanted ->
      let c = peek ib in
      if ib.room = 0 || Char.lowercase_ascii c <> wanted then bad_hex_float ();
      store ib c)
    word

(* After the digits before the point. *)
let scan_hex_fraction precision ib =
  if not (exhausted ib) && peek ib = '.' then begin
    store ib '.';
    if not (exhausted ib) then
      match peek ib with
      | 'p' | 'P' -> ()
      | _ -> within precision ib scan_hexadecimal
  end

let scan_hex_exponent ib =
  if not (exhausted ib) then
    match peek ib with
    | 'p' | 'P' as c ->
        store ib c;
        require ib bad_hex_float;
        scan_signed_decimal ib
    | _ -> ()

let scan_hex_float precision ib =
  require ib bad_hex_float;
  scan_sign ib;
  require ib bad_hex_float;
  match peek ib with
  | '0' ->
      store ib '0';
      require ib bad_hex_float;
      scan_word "x" ib;
      if not (exhausted ib) then begin
        match peek ib with
        | '.' | 'p' | 'P' -> ()
        | _ -> scan_hexadecimal ib
      end;
      scan_hex_fraction precision ib;
      scan_hex_exponent ib
  | 'n' | 'N' as c ->
      store ib c;
      require ib bad_hex_float;
      scan_word "an" ib
  | 'i' | 'I' as c ->
      store ib c;
      require ib bad_hex_float;
      scan_word "nfinity" ib
  | _ -> bad_hex_float ()

(* An OCaml literal: a point or an exponent is required. *)
let scan_caml_float precision ib =
  let scan_rest () =
    require ib bad_float;
    scan_more_digits is_decimal ib;
    require ib bad_float;
    match peek ib with
    | '.' ->
        store ib '.';
        within precision ib scan_fraction;
        scan_exponent ib
    | 'e' | 'E' -> scan_exponent ib
    | _ -> bad_float ()
  in
  require ib bad_float;
  scan_sign ib;
  require ib bad_float;
  match peek ib with
  | '0' ->
      store ib '0';
      require ib bad_float;
      begin match peek ib with
      | 'x' | 'X' as c ->
          store ib c;
          require ib bad_float;
          scan_hexadecimal ib;
          require ib bad_float;
          begin match peek ib with
          | '.' | 'p' | 'P' -> ()
          | _ -> bad_float ()
          end;
          scan_hex_fraction precision ib;
          scan_hex_exponent ib
      | _ -> scan_rest ()
      end
  | '1' .. '9' as c -> store ib c; scan_rest ()
  | _ -> bad_float ()

(* Strings and characters *)

(* Up to [stop], which is consumed, or else up to a blank. *)
let rec scan_string stop ib =
  if ib.room > 0 then begin
    let c = peek ib in
    if not ib.eof then
      match stop, c with
      | Some stop, _ when c = stop -> skip ib
      | None, (' ' | '\t' | '\n' | '\r') -> ()
      | _ -> store ib c; scan_string stop ib
  end

let scan_char_set set stop ib =
  let is_stop c = match stop with Some stop -> c = stop | None -> false in
  let rec scan () =
    if not (exhausted ib) then
      let c = peek ib in
      if is_in_char_set set c && not (is_stop c) then begin
        store ib c;
        scan ()
      end
  in
  scan ();
  match stop with
  | Some stop when not (end_of_input ib) ->
      let c = peek ib in
      if c = stop then skip ib else mismatch stop c
  | _ -> ()

let scan_char ib = store ib (peek_or_fail ib)

(* The next character of a token that must have one. *)
let peek_in what ib =
  if ib.room = 0 then token_too_short what;
  let c = peek ib in
  if ib.eof then
    bad_inputf
      "scanning of %s failed: \
       premature end of file occurred before end of token" what;
  c

(* After a backslash.  Within a numeric escape there is no check of width. *)
let scan_escape ib =
  let next_digit is_digit =
    skip ib;
    let c = peek ib in
    if is_digit c then c else bad_escape c
  in
  let store_code code error =
    ib.room <- ib.room - 2;
    match Char.chr code with
    | c -> store ib c
    | exception Invalid_argument _ -> error ()
  in
  match peek_in "a Char" ib with
  | '\\' | '\'' | '"' as c -> store ib c
  | 'n' -> store ib '\n'
  | 't' -> store ib '\t'
  | 'b' -> store ib '\b'
  | 'r' -> store ib '\r'
  | '0' .. '9' as c0 ->
      let c1 = next_digit is_decimal in
      let c2 = next_digit is_decimal in
      let value c = Char.code c - Char.code '0' in
      store_code (100 * value c0 + 10 * value c1 + value c2) (fun () ->
        bad_inputf "bad character decimal encoding \\%c%c%c" c0 c1 c2)
  | 'x' ->
      let c1 = next_digit is_hexadecimal in
      let c2 = next_digit is_hexadecimal in
      store_code (int_of_string (Printf.sprintf "0x%c%c" c1 c2)) (fun () ->
        bad_inputf "bad character hexadecimal encoding \\%c%c" c1 c2)
  | c -> bad_escape c

let scan_quote quote ib =
  let c = peek_or_fail ib in
  if c = quote then drop ib else mismatch quote c

let scan_caml_char ib =
  scan_quote '\'' ib;
  begin match peek_in "a Char" ib with
  | '\\' -> drop ib; scan_escape ib
  | c -> store ib c
  end;
  match peek_in "a Char" ib with
  | '\'' -> drop ib
  | c -> mismatch '\'' c

let rec scan_string_body ib =
  match peek_in "a String" ib with
  | '"' -> drop ib
  | '\\' -> drop ib; scan_string_escape ib; scan_string_body ib
  | c -> store ib c; scan_string_body ib

(* An escaped end of line is dropped with the spaces that follow. *)
and scan_string_escape ib =
  match peek_in "a String" ib with
  | '\n' -> drop ib; drop_spaces ib
  | '\r' ->
      drop ib;
      begin match peek_in "a String" ib with
      | '\n' -> drop ib; drop_spaces ib
      | _ -> store ib '\r'
      end
  | _ -> scan_escape ib

and drop_spaces ib =
  match peek_in "a String" ib with
  | ' ' -> drop ib; drop_spaces ib
  | _ -> ()

let scan_caml_string ib =
  scan_quote '"' ib;
  scan_string_body ib

let scan_bool ib =
  begin match peek_or_fail ib with
  | 't' -> ib.room <- 4
  | 'f' -> ib.room <- 5
  | c -> bad_inputf "the character %C cannot start a boolean" c
  end;
  scan_string None ib

let bool_of_token = function
  | "true" -> true
  | "false" -> false
  | token -> bad_inputf "invalid boolean '%s'" token

(* A newline counts from the first look at it. *)
let line_count ib =
  if ib.peeked && ib.chunk.[ib.pos] = '\n' then ib.lines + 1 else ib.lines

let counter_value ib = function
  | Line_counter -> line_count ib
  | Char_counter -> ib.chars
  | Token_counter -> ib.tokens

let width_of_option = function
  | None -> max_int
  | Some width -> width

(* [%s@c] reads up to the character [c]; what follows in the annotation is
   literal text. *)
let stop_of_formatting_lit = function
  | Escaped_percent -> ('%', "")
  | lit ->
      let text = string_of_formatting_lit lit in
      (text.[1], String.sub text 2 (String.length text - 2))

(* The readers of [%r] come first among the arguments: take them, and pass
   them to [k] as a list. *)

let rec take_readers : type a c d e f .
    ((d, e) heter_list -> e) -> (a, Scanning.in_channel, c, d, e, f) fmt -> d =
  fun k fmt -> match fmt with
  | End_of_format -> k Nil
  | Reader rest ->
      fun reader -> take_readers (fun others -> k (Cons (reader, others))) rest
  | Ignored_param (ign, rest) -> take_ignored_readers k ign rest
  | Format_subst (_, ty, rest) ->
      take_readers_of_type k (erase_rel (symm ty)) rest
  | Formatting_gen (Open_tag (Format (sub, _)), rest) ->
      take_readers k (concat_fmt sub rest)
  | Formatting_gen (Open_box (Format (sub, _)), rest) ->
      take_readers k (concat_fmt sub rest)
  | Char rest -> take_readers k rest
  | Caml_char rest -> take_readers k rest
  | String (_, rest) -> take_readers k rest
  | Caml_string (_, rest) -> take_readers k rest
  | Int (_, _, _, rest) -> take_readers k rest
  | Int32 (_, _, _, rest) -> take_readers k rest
  | Nativeint (_, _, _, rest) -> take_readers k rest
  | Int64 (_, _, _, rest) -> take_readers k rest
  | Float (_, _, _, rest) -> take_readers k rest
  | Bool (_, rest) -> take_readers k rest
  | Alpha rest -> take_readers k rest
  | Theta rest -> take_readers k rest
  | Flush rest -> take_readers k rest
  | String_literal (_, rest) -> take_readers k rest
  | Char_literal (_, rest) -> take_readers k rest
  | Formatting_lit (_, rest) -> take_readers k rest
  | Custom (_, _, rest) -> take_readers k rest
  | Format_arg (_, _, rest) -> take_readers k rest
  | Scan_char_set (_, _, rest) -> take_readers k rest
  | Scan_get_counter (_, rest) -> take_readers k rest
  | Scan_next_char rest -> take_readers k rest

and take_readers_of_type : type x y a c d e f .
    ((d, e) heter_list -> e) -> (a, Scanning.in_channel, c, d, x, y) fmtty ->
    (y, Scanning.in_channel, c, x, e, f) fmt -> d =
  fun k ty fmt -> match ty with
  | End_of_fmtty -> take_readers k fmt
  | Reader_ty rest ->
      fun reader ->
        take_readers_of_type (fun others -> k (Cons (reader, others))) rest fmt
  | Ignored_reader_ty rest ->
      fun reader ->
        take_readers_of_type (fun others -> k (Cons (reader, others))) rest fmt
  | Format_subst_ty (left, right, rest) ->
      let sub = trans (symm left) right in
      take_readers_of_type k (concat_fmtty sub rest) fmt
  | Char_ty rest -> take_readers_of_type k rest fmt
  | String_ty rest -> take_readers_of_type k rest fmt
  | Int_ty rest -> take_readers_of_type k rest fmt
  | Int32_ty rest -> take_readers_of_type k rest fmt
  | Nativeint_ty rest -> take_readers_of_type k rest fmt
  | Int64_ty rest -> take_readers_of_type k rest fmt
  | Float_ty rest -> take_readers_of_type k rest fmt
  | Bool_ty rest -> take_readers_of_type k rest fmt
  | Alpha_ty rest -> take_readers_of_type k rest fmt
  | Theta_ty rest -> take_readers_of_type k rest fmt
  | Any_ty rest -> take_readers_of_type k rest fmt
  | Format_arg_ty (_, rest) -> take_readers_of_type k rest fmt

and take_ignored_readers : type x y a c d e f .
    ((d, e) heter_list -> e) -> (a, Scanning.in_channel, c, d, x, y) ignored ->
    (y, Scanning.in_channel, c, x, e, f) fmt -> d =
  fun k ign fmt -> match ign with
  | Ignored_reader ->
      fun reader -> take_readers (fun others -> k (Cons (reader, others))) fmt
  | Ignored_format_subst (_, ty) -> take_readers_of_type k ty fmt
  | Ignored_char -> take_readers k fmt
  | Ignored_caml_char -> take_readers k fmt
  | Ignored_string _ -> take_readers k fmt
  | Ignored_caml_string _ -> take_readers k fmt
  | Ignored_int _ -> take_readers k fmt
  | Ignored_int32 _ -> take_readers k fmt
  | Ignored_nativeint _ -> take_readers k fmt
  | Ignored_int64 _ -> take_readers k fmt
  | Ignored_float _ -> take_readers k fmt
  | Ignored_bool _ -> take_readers k fmt
  | Ignored_format_arg _ -> take_readers k fmt
  | Ignored_scan_char_set _ -> take_readers k fmt
  | Ignored_scan_get_counter _ -> take_readers k fmt
  | Ignored_scan_next_char -> take_readers k fmt

(* Scanning: the list of the values read. *)

let bad_conversion text = invalid_arg ("scanf: bad conversion " ^ text)
let no_star () = bad_conversion "\"%*\""

let rec scan : type a c d e f .
    Scanning.in_channel -> (a, Scanning.in_channel, c, d, e, f) fmt ->
    (d, e) heter_list -> (a, f) heter_list =
  fun ib fmt readers -> match fmt with
  | End_of_format -> Nil
  | String_literal (s, rest) -> expect_string ib s; scan ib rest readers
  | Char_literal (c, rest) -> expect ib c; scan ib rest readers
  | Char rest -> token ib max_int scan_char (fun s -> s.[0]) rest readers
  | Caml_char rest ->
      token ib max_int scan_caml_char (fun s -> s.[0]) rest readers
  | String (pad, Formatting_lit (lit, rest)) ->
      let stop, text = stop_of_formatting_lit lit in
      padded ib pad (scan_string (Some stop)) Fun.id
        (String_literal (text, rest)) readers
  | String (pad, Formatting_gen (Open_tag (Format (sub, _)), rest)) ->
      padded ib pad (scan_string (Some '{')) Fun.id (concat_fmt sub rest)
        readers
  | String (pad, Formatting_gen (Open_box (Format (sub, _)), rest)) ->
      padded ib pad (scan_string (Some '[')) Fun.id (concat_fmt sub rest)
        readers
  | String (pad, rest) -> padded ib pad (scan_string None) Fun.id rest readers
  | Caml_string (pad, rest) ->
      padded ib pad scan_caml_string Fun.id rest readers
  | Bool (pad, rest) -> padded ib pad scan_bool bool_of_token rest readers
  | Int (conv, pad, prec, rest) ->
      int ib conv pad prec int_of_string rest readers
  | Int32 (conv, pad, prec, rest) ->
      int ib conv pad prec int32_of_string rest readers
  | Nativeint (conv, pad, prec, rest) ->
      int ib conv pad prec nativeint_of_string rest readers
  | Int64 (conv, pad, prec, rest) ->
      int ib conv pad prec int64_of_string rest readers
  | Float ((_, kind), pad, prec, rest) ->
      let scan_token =
        match kind with
        | Float_F | Float_CF -> scan_caml_float
        | Float_h | Float_H -> scan_hex_float
        | Float_f | Float_e | Float_E | Float_g | Float_G -> scan_float
      in
      padded_precise ib pad prec scan_token
        (fun ib -> float_of_string (take_token ib)) rest readers
  | Flush rest ->
      if end_of_input ib then scan ib rest readers
      else bad_input "end of input not found"
  | Format_arg (width, ty, rest) ->
      let text = quoted_string ib width in
      let format =
        try format_of_string_fmtty text ty with Failure msg -> bad_input msg
      in
      Cons (format, scan ib rest readers)
  | Format_subst (width, ty, rest) ->
      let text = quoted_string ib width in
      (* The format read is both a value and the continuation of this one: it
         is given the two types that [ty] relates. *)
      let value, sub =
        try
          let Fmt_EBB value = fmt_ebb_of_string text in
          let Fmt_EBB sub = fmt_ebb_of_string text in
          (type_format value (erase_rel ty),
           type_format sub (erase_rel (symm ty)))
        with Failure msg -> bad_input msg
      in
      Cons (Format (value, text), scan ib (concat_fmt sub rest) readers)
  | Scan_char_set (width, set, Formatting_lit (lit, rest)) ->
      let stop, text = stop_of_formatting_lit lit in
      token ib (width_of_option width) (scan_char_set set (Some stop)) Fun.id
        (String_literal (text, rest)) readers
  | Scan_char_set (width, set, rest) ->
      token ib (width_of_option width) (scan_char_set set None) Fun.id rest
        readers
  | Scan_get_counter (counter, rest) ->
      let value = counter_value ib counter in
      Cons (value, scan ib rest readers)
  | Scan_next_char rest ->
      let c = peek_or_fail ib in
      Cons (c, scan ib rest readers)
  | Reader rest ->
      begin match readers with
      | Nil -> invalid_arg "scanf: missing reader"
      | Cons (reader, others) ->
          let value = reader ib in
          Cons (value, scan ib rest others)
      end
  | Formatting_lit (lit, rest) ->
      expect_string ib (string_of_formatting_lit lit);
      scan ib rest readers
  | Formatting_gen (Open_tag (Format (sub, _)), rest) ->
      expect_string ib "@{";
      scan ib (concat_fmt sub rest) readers
  | Formatting_gen (Open_box (Format (sub, _)), rest) ->
      expect_string ib "@[";
      scan ib (concat_fmt sub rest) readers
  | Ignored_param (ign, rest) ->
      let Param_format_EBB fmt = param_format_of_ignored_format ign rest in
      begin match scan ib fmt readers with
      | Nil -> assert false
      | Cons (_, values) -> values
      end
  | Alpha _ -> bad_conversion "\"%a\""
  | Theta _ -> bad_conversion "\"%t\""
  | Custom _ -> bad_conversion "\"%?\" (custom converter)"

(* Read one token of at most [room] characters, then the rest. *)
and token : type z a c d e f .
    Scanning.in_channel -> int -> (Scanning.in_channel -> unit) ->
    (string -> z) -> (a, Scanning.in_channel, c, d, e, f) fmt ->
    (d, e) heter_list -> (z -> a, f) heter_list =
  fun ib room scan_token convert rest readers ->
  ib.room <- room;
  scan_token ib;
  let value = convert (take_token ib) in
  Cons (value, scan ib rest readers)

and padded : type x z a c d e f .
    Scanning.in_channel -> (x, z -> a) padding ->
    (Scanning.in_channel -> unit) -> (string -> z) ->
    (a, Scanning.in_channel, c, d, e, f) fmt -> (d, e) heter_list ->
    (x, f) heter_list =
  fun ib pad scan_token convert rest readers ->
  padded_precise ib pad No_precision (fun _ ib -> scan_token ib)
    (fun ib -> convert (take_token ib)) rest readers

and int : type x y z a c d e f .
    Scanning.in_channel -> int_conv -> (x, y) padding ->
    (y, z -> a) precision -> (string -> z) ->
    (a, Scanning.in_channel, c, d, e, f) fmt -> (d, e) heter_list ->
    (x, f) heter_list =
  fun ib conv pad prec convert rest readers ->
  let scan_token, prefix = int_scanner conv in
  padded_precise ib pad prec (fun _ ib -> scan_token ib)
    (fun ib -> convert (int_literal prefix ib)) rest readers

(* [scan_token] is given the precision, [max_int] when there is none. *)
and padded_precise : type x y z a c d e f .
    Scanning.in_channel -> (x, y) padding -> (y, z -> a) precision ->
    (int -> Scanning.in_channel -> unit) -> (Scanning.in_channel -> z) ->
    (a, Scanning.in_channel, c, d, e, f) fmt -> (d, e) heter_list ->
    (x, f) heter_list =
  fun ib pad prec scan_token convert rest readers ->
  let read room precision =
    ib.room <- room;
    scan_token precision ib;
    convert ib
  in
  match pad, prec with
  | No_padding, No_precision ->
      let value = read max_int max_int in
      Cons (value, scan ib rest readers)
  | No_padding, Lit_precision p ->
      let value = read max_int p in
      Cons (value, scan ib rest readers)
  | Lit_padding ((Right | Zeros), width), No_precision ->
      let value = read width max_int in
      Cons (value, scan ib rest readers)
  | Lit_padding ((Right | Zeros), width), Lit_precision p ->
      let value = read width p in
      Cons (value, scan ib rest readers)
  | Lit_padding (Left, _), _ -> bad_conversion "\"%-\""
  | Lit_padding _, Arg_precision -> no_star ()
  | Arg_padding _, _ -> no_star ()
  | No_padding, Arg_precision -> no_star ()

and quoted_string ib width =
  ib.room <- width_of_option width;
  scan_caml_string ib;
  take_token ib

let rec apply : type a b . a -> (a, b) heter_list -> b =
  fun f values -> match values with
  | Nil -> f
  | Cons (value, rest) -> apply (f value) rest

(* Exceptions of [f] itself are not errors of scanning. *)
let scan_with ib on_error on_success (Format (fmt, text)) =
  let run readers f =
    Buffer.clear ib.Scanning.token;
    match scan ib fmt readers with
    | values -> on_success (apply f values)
    | exception (Scan_failure _ | Failure _ | End_of_file as exn) ->
        on_error ib exn
    | exception Invalid_argument msg ->
        invalid_arg (msg ^ " in format \"" ^ String.escaped text ^ "\"")
  in
  take_readers run fmt

let report ib = function
  | Scan_failure msg | Failure msg ->
      bad_inputf "scanf: bad input at char number %i: %s" ib.chars msg
  | exn -> raise exn

let kscanf ib on_error format = scan_with ib on_error Fun.id format
let ksscanf s on_error format = kscanf (from_string s) on_error format
let bscanf ib format = kscanf ib report format
let sscanf s format = bscanf (from_string s) format
let scanf format = bscanf Scanning.stdin format

let bscanf_opt ib format =
  scan_with ib (fun _ _ -> None) Option.some format

let sscanf_opt s format = bscanf_opt (from_string s) format
let scanf_opt format = bscanf_opt Scanning.stdin format

(* Formats as input *)

let bscanf_format ib format k =
  let text = quoted_string ib None in
  match format_of_string_format text format with
  | format -> k format
  | exception Failure msg -> bad_input msg

let sscanf_format s format k = bscanf_format (from_string s) format k

let format_from_string s format =
  sscanf_format ("\"" ^ String.escaped s ^ "\"") format Fun.id

let unescaped s = sscanf ("\"" ^ s ^ "\"") "%S%!" Fun.id
