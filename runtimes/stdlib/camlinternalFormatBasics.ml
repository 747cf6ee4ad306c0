(* The typed representation of format strings.  See the interface: the type
   checker builds these constructors, so their order is part of the ABI. *)

type padty = Left | Right | Zeros

type int_conv =
  | Int_d | Int_pd | Int_sd | Int_i | Int_pi | Int_si
  | Int_x | Int_Cx | Int_X | Int_CX | Int_o | Int_Co | Int_u
  | Int_Cd | Int_Ci | Int_Cu

type float_flag_conv =
  | Float_flag_ | Float_flag_p | Float_flag_s

type float_kind_conv =
  | Float_f | Float_e | Float_E | Float_g | Float_G
  | Float_F | Float_h | Float_H | Float_CF

type float_conv = float_flag_conv * float_kind_conv

type char_set = string

type counter = Line_counter | Char_counter | Token_counter

type ('a, 'b) padding =
  | No_padding  : ('a, 'a) padding
  | Lit_padding : padty * int -> ('a, 'a) padding
  | Arg_padding : padty -> (int -> 'a, 'a) padding

type pad_option = int option

type ('a, 'b) precision =
  | No_precision : ('a, 'a) precision
  | Lit_precision : int -> ('a, 'a) precision
  | Arg_precision : (int -> 'a, 'a) precision

type prec_option = int option

type ('a, 'b, 'c) custom_arity =
  | Custom_zero : ('a, string, 'a) custom_arity
  | Custom_succ : ('a, 'b, 'c) custom_arity ->
    ('a, 'x -> 'b, 'x -> 'c) custom_arity

type block_type = Pp_hbox | Pp_vbox | Pp_hvbox | Pp_hovbox | Pp_box | Pp_fits

type formatting_lit =
  | Close_box
  | Close_tag
  | Break of string * int * int
  | FFlush
  | Force_newline
  | Flush_newline
  | Magic_size of string * int
  | Escaped_at
  | Escaped_percent
  | Scan_indic of char

type ('a, 'b, 'c, 'd, 'e, 'f) formatting_gen =
  | Open_tag : ('a, 'b, 'c, 'd, 'e, 'f) format6 ->
    ('a, 'b, 'c, 'd, 'e, 'f) formatting_gen
  | Open_box : ('a, 'b, 'c, 'd, 'e, 'f) format6 ->
    ('a, 'b, 'c, 'd, 'e, 'f) formatting_gen
and ('a, 'b, 'c, 'd, 'e, 'f) fmtty =
    ('a, 'b, 'c, 'd, 'e, 'f,
     'a, 'b, 'c, 'd, 'e, 'f) fmtty_rel
and ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
   'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel =
| Char_ty :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    (char -> 'a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     char -> 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel
| String_ty :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    (string -> 'a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     string -> 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel
| Int_ty :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    (int -> 'a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     int -> 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel
| Int32_ty :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    (int32 -> 'a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     int32 -> 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel
| Nativeint_ty :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    (nativeint -> 'a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     nativeint -> 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel
| Int64_ty :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    (int64 -> 'a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     int64 -> 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel
| Float_ty :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    (float -> 'a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     float -> 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel
| Bool_ty :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    (bool -> 'a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     bool -> 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel
| Format_arg_ty :
    ('g, 'h, 'i, 'j, 'k, 'l) fmtty *
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    (('g, 'h, 'i, 'j, 'k, 'l) format6 -> 'a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     ('g, 'h, 'i, 'j, 'k, 'l) format6 -> 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel
| Format_subst_ty :
    ('g, 'h, 'i, 'j, 'k, 'l,
     'g1, 'b1, 'c1, 'j1, 'd1, 'a1) fmtty_rel *
    ('g, 'h, 'i, 'j, 'k, 'l,
     'g2, 'b2, 'c2, 'j2, 'd2, 'a2) fmtty_rel *
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    (('g, 'h, 'i, 'j, 'k, 'l) format6 -> 'g1, 'b1, 'c1, 'j1, 'e1, 'f1,
     ('g, 'h, 'i, 'j, 'k, 'l) format6 -> 'g2, 'b2, 'c2, 'j2, 'e2, 'f2) fmtty_rel
| Alpha_ty :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    (('b1 -> 'x -> 'c1) -> 'x -> 'a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     ('b2 -> 'x -> 'c2) -> 'x -> 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel
| Theta_ty :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    (('b1 -> 'c1) -> 'a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     ('b2 -> 'c2) -> 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel
| Any_ty :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    ('x -> 'a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'x -> 'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel
| Reader_ty :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    ('x -> 'a1, 'b1, 'c1, ('b1 -> 'x) -> 'd1, 'e1, 'f1,
     'x -> 'a2, 'b2, 'c2, ('b2 -> 'x) -> 'd2, 'e2, 'f2) fmtty_rel
| Ignored_reader_ty :
    ('a1, 'b1, 'c1, 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, 'd2, 'e2, 'f2) fmtty_rel ->
    ('a1, 'b1, 'c1, ('b1 -> 'x) -> 'd1, 'e1, 'f1,
     'a2, 'b2, 'c2, ('b2 -> 'x) -> 'd2, 'e2, 'f2) fmtty_rel
| End_of_fmtty :
    ('f1, 'b1, 'c1, 'd1, 'd1, 'f1,
     'f2, 'b2, 'c2, 'd2, 'd2, 'f2) fmtty_rel
and ('a, 'b, 'c, 'd, 'e, 'f) fmt =
| Char :
    ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      (char -> 'a, 'b, 'c, 'd, 'e, 'f) fmt
| Caml_char :
    ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      (char -> 'a, 'b, 'c, 'd, 'e, 'f) fmt
| String :
    ('x, string -> 'a) padding * ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      ('x, 'b, 'c, 'd, 'e, 'f) fmt
| Caml_string :
    ('x, string -> 'a) padding * ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      ('x, 'b, 'c, 'd, 'e, 'f) fmt
| Int :
    int_conv * ('x, 'y) padding * ('y, int -> 'a) precision *
    ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      ('x, 'b, 'c, 'd, 'e, 'f) fmt
| Int32 :
    int_conv * ('x, 'y) padding * ('y, int32 -> 'a) precision *
    ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      ('x, 'b, 'c, 'd, 'e, 'f) fmt
| Nativeint :
    int_conv * ('x, 'y) padding * ('y, nativeint -> 'a) precision *
    ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      ('x, 'b, 'c, 'd, 'e, 'f) fmt
| Int64 :
    int_conv * ('x, 'y) padding * ('y, int64 -> 'a) precision *
    ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      ('x, 'b, 'c, 'd, 'e, 'f) fmt
| Float :
    float_conv * ('x, 'y) padding * ('y, float -> 'a) precision *
    ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      ('x, 'b, 'c, 'd, 'e, 'f) fmt
| Bool :
    ('x, bool -> 'a) padding * ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      ('x, 'b, 'c, 'd, 'e, 'f) fmt
| Flush :
    ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      ('a, 'b, 'c, 'd, 'e, 'f) fmt
| String_literal :
    string * ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      ('a, 'b, 'c, 'd, 'e, 'f) fmt
| Char_literal :
    char * ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      ('a, 'b, 'c, 'd, 'e, 'f) fmt
| Format_arg :
    pad_option * ('g, 'h, 'i, 'j, 'k, 'l) fmtty *
    ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      (('g, 'h, 'i, 'j, 'k, 'l) format6 -> 'a, 'b, 'c, 'd, 'e, 'f) fmt
| Format_subst :
    pad_option *
    ('g, 'h, 'i, 'j, 'k, 'l,
     'g2, 'b, 'c, 'j2, 'd, 'a) fmtty_rel *
    ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
    (('g, 'h, 'i, 'j, 'k, 'l) format6 -> 'g2, 'b, 'c, 'j2, 'e, 'f) fmt
| Alpha :
    ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      (('b -> 'x -> 'c) -> 'x -> 'a, 'b, 'c, 'd, 'e, 'f) fmt
| Theta :
    ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      (('b -> 'c) -> 'a, 'b, 'c, 'd, 'e, 'f) fmt
| Formatting_lit :
    formatting_lit * ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      ('a, 'b, 'c, 'd, 'e, 'f) fmt
| Formatting_gen :
    ('a1, 'b, 'c, 'd1, 'e1, 'f1) formatting_gen *
    ('f1, 'b, 'c, 'e1, 'e2, 'f2) fmt -> ('a1, 'b, 'c, 'd1, 'e2, 'f2) fmt
| Reader :
    ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      ('x -> 'a, 'b, 'c, ('b -> 'x) -> 'd, 'e, 'f) fmt
| Scan_char_set :
    pad_option * char_set * ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      (string -> 'a, 'b, 'c, 'd, 'e, 'f) fmt
| Scan_get_counter :
    counter * ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
      (int -> 'a, 'b, 'c, 'd, 'e, 'f) fmt
| Scan_next_char :
    ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
    (char -> 'a, 'b, 'c, 'd, 'e, 'f) fmt
| Ignored_param :
    ('a, 'b, 'c, 'd, 'y, 'x) ignored * ('x, 'b, 'c, 'y, 'e, 'f) fmt ->
      ('a, 'b, 'c, 'd, 'e, 'f) fmt
| Custom :
    ('a, 'x, 'y) custom_arity * (unit -> 'x) * ('a, 'b, 'c, 'd, 'e, 'f) fmt ->
    ('y, 'b, 'c, 'd, 'e, 'f) fmt
| End_of_format :
      ('f, 'b, 'c, 'e, 'e, 'f) fmt
and ('a, 'b, 'c, 'd, 'e, 'f) ignored =
  | Ignored_char :
      ('a, 'b, 'c, 'd, 'd, 'a) ignored
  | Ignored_caml_char :
      ('a, 'b, 'c, 'd, 'd, 'a) ignored
  | Ignored_string :
      pad_option -> ('a, 'b, 'c, 'd, 'd, 'a) ignored
  | Ignored_caml_string :
      pad_option -> ('a, 'b, 'c, 'd, 'd, 'a) ignored
  | Ignored_int :
      int_conv * pad_option -> ('a, 'b, 'c, 'd, 'd, 'a) ignored
  | Ignored_int32 :
      int_conv * pad_option -> ('a, 'b, 'c, 'd, 'd, 'a) ignored
  | Ignored_nativeint :
      int_conv * pad_option -> ('a, 'b, 'c, 'd, 'd, 'a) ignored
  | Ignored_int64 :
      int_conv * pad_option -> ('a, 'b, 'c, 'd, 'd, 'a) ignored
  | Ignored_float :
      pad_option * prec_option -> ('a, 'b, 'c, 'd, 'd, 'a) ignored
  | Ignored_bool :
      pad_option -> ('a, 'b, 'c, 'd, 'd, 'a) ignored
  | Ignored_format_arg :
      pad_option * ('g, 'h, 'i, 'j, 'k, 'l) fmtty ->
        ('a, 'b, 'c, 'd, 'd, 'a) ignored
  | Ignored_format_subst :
      pad_option * ('a, 'b, 'c, 'd, 'e, 'f) fmtty ->
        ('a, 'b, 'c, 'd, 'e, 'f) ignored
  | Ignored_reader :
      ('a, 'b, 'c, ('b -> 'x) -> 'd, 'd, 'a) ignored
  | Ignored_scan_char_set :
      pad_option * char_set -> ('a, 'b, 'c, 'd, 'd, 'a) ignored
  | Ignored_scan_get_counter :
      counter -> ('a, 'b, 'c, 'd, 'd, 'a) ignored
  | Ignored_scan_next_char :
      ('a, 'b, 'c, 'd, 'd, 'a) ignored
and ('a, 'b, 'c, 'd, 'e, 'f) format6 =
  Format of ('a, 'b, 'c, 'd, 'e, 'f) fmt * string

(* Concatenation.  Both functions rebuild the spine of their first argument;
   the types leave one possible result per constructor. *)

let rec concat_fmtty : type g1 b1 c1 j1 d1 a1 g2 b2 c2 j2 d2 a2 e1 f1 e2 f2 .
    (g1, b1, c1, j1, d1, a1, g2, b2, c2, j2, d2, a2) fmtty_rel ->
    (a1, b1, c1, d1, e1, f1, a2, b2, c2, d2, e2, f2) fmtty_rel ->
    (g1, b1, c1, j1, e1, f1, g2, b2, c2, j2, e2, f2) fmtty_rel =
  fun left right -> match left with
  | End_of_fmtty -> right
  | Char_ty l -> Char_ty (concat_fmtty l right)
  | String_ty l -> String_ty (concat_fmtty l right)
  | Int_ty l -> Int_ty (concat_fmtty l right)
  | Int32_ty l -> Int32_ty (concat_fmtty l right)
  | Nativeint_ty l -> Nativeint_ty (concat_fmtty l right)
  | Int64_ty l -> Int64_ty (concat_fmtty l right)
  | Float_ty l -> Float_ty (concat_fmtty l right)
  | Bool_ty l -> Bool_ty (concat_fmtty l right)
  | Format_arg_ty (arg, l) -> Format_arg_ty (arg, concat_fmtty l right)
  | Format_subst_ty (arg1, arg2, l) ->
      Format_subst_ty (arg1, arg2, concat_fmtty l right)
  | Alpha_ty l -> Alpha_ty (concat_fmtty l right)
  | Theta_ty l -> Theta_ty (concat_fmtty l right)
  | Any_ty l -> Any_ty (concat_fmtty l right)
  | Reader_ty l -> Reader_ty (concat_fmtty l right)
  | Ignored_reader_ty l -> Ignored_reader_ty (concat_fmtty l right)

let rec erase_rel : type a b c d e f g h i j k l .
    (a, b, c, d, e, f, g, h, i, j, k, l) fmtty_rel ->
    (a, b, c, d, e, f) fmtty = function
  | End_of_fmtty -> End_of_fmtty
  | Char_ty r -> Char_ty (erase_rel r)
  | String_ty r -> String_ty (erase_rel r)
  | Int_ty r -> Int_ty (erase_rel r)
  | Int32_ty r -> Int32_ty (erase_rel r)
  | Nativeint_ty r -> Nativeint_ty (erase_rel r)
  | Int64_ty r -> Int64_ty (erase_rel r)
  | Float_ty r -> Float_ty (erase_rel r)
  | Bool_ty r -> Bool_ty (erase_rel r)
  | Format_arg_ty (arg, r) -> Format_arg_ty (arg, erase_rel r)
  | Format_subst_ty (arg, _, r) -> Format_subst_ty (arg, arg, erase_rel r)
  | Alpha_ty r -> Alpha_ty (erase_rel r)
  | Theta_ty r -> Theta_ty (erase_rel r)
  | Any_ty r -> Any_ty (erase_rel r)
  | Reader_ty r -> Reader_ty (erase_rel r)
  | Ignored_reader_ty r -> Ignored_reader_ty (erase_rel r)

let rec concat_fmt : type a b c d e f g h .
    (a, b, c, d, e, f) fmt -> (f, b, c, e, g, h) fmt ->
    (a, b, c, d, g, h) fmt =
  fun left right -> match left with
  | End_of_format -> right
  | String_literal (s, l) -> String_literal (s, concat_fmt l right)
  | Char_literal (c, l) -> Char_literal (c, concat_fmt l right)
  | Char l -> Char (concat_fmt l right)
  | Caml_char l -> Caml_char (concat_fmt l right)
  | String (pad, l) -> String (pad, concat_fmt l right)
  | Caml_string (pad, l) -> Caml_string (pad, concat_fmt l right)
  | Int (conv, pad, prec, l) -> Int (conv, pad, prec, concat_fmt l right)
  | Int32 (conv, pad, prec, l) -> Int32 (conv, pad, prec, concat_fmt l right)
  | Nativeint (conv, pad, prec, l) ->
      Nativeint (conv, pad, prec, concat_fmt l right)
  | Int64 (conv, pad, prec, l) -> Int64 (conv, pad, prec, concat_fmt l right)
  | Float (conv, pad, prec, l) -> Float (conv, pad, prec, concat_fmt l right)
  | Bool (pad, l) -> Bool (pad, concat_fmt l right)
  | Flush l -> Flush (concat_fmt l right)
  | Format_arg (pad, ty, l) -> Format_arg (pad, ty, concat_fmt l right)
  | Format_subst (pad, ty, l) -> Format_subst (pad, ty, concat_fmt l right)
  | Alpha l -> Alpha (concat_fmt l right)
  | Theta l -> Theta (concat_fmt l right)
  | Formatting_lit (lit, l) -> Formatting_lit (lit, concat_fmt l right)
  | Formatting_gen (gen, l) -> Formatting_gen (gen, concat_fmt l right)
  | Reader l -> Reader (concat_fmt l right)
  | Scan_char_set (width, set, l) ->
      Scan_char_set (width, set, concat_fmt l right)
  | Scan_get_counter (counter, l) ->
      Scan_get_counter (counter, concat_fmt l right)
  | Scan_next_char l -> Scan_next_char (concat_fmt l right)
  | Ignored_param (ign, l) -> Ignored_param (ign, concat_fmt l right)
  | Custom (arity, produce, l) -> Custom (arity, produce, concat_fmt l right)

type neutral_concat =
  { f:
      'a 'b 'c 'd 'e 'f. [`String of string | `Char of char ] ->
      ('a,'b,'c,'d,'e,'f) fmt -> ('a,'b,'c,'d,'e,'f) fmt
  }

let rec string_concat_map : type a b c d e f .
    neutral_concat -> (a, b, c, d, e, f) fmt -> (a, b, c, d, e, f) fmt =
  fun m fmt -> match fmt with
  | String_literal (s, l) -> m.f (`String s) (string_concat_map m l)
  | Char_literal (c, l) -> m.f (`Char c) (string_concat_map m l)
  | End_of_format -> End_of_format
  | Char l -> Char (string_concat_map m l)
  | Caml_char l -> Caml_char (string_concat_map m l)
  | String (pad, l) -> String (pad, string_concat_map m l)
  | Caml_string (pad, l) -> Caml_string (pad, string_concat_map m l)
  | Int (conv, pad, prec, l) -> Int (conv, pad, prec, string_concat_map m l)
  | Int32 (conv, pad, prec, l) -> Int32 (conv, pad, prec, string_concat_map m l)
  | Nativeint (conv, pad, prec, l) ->
      Nativeint (conv, pad, prec, string_concat_map m l)
  | Int64 (conv, pad, prec, l) -> Int64 (conv, pad, prec, string_concat_map m l)
  | Float (conv, pad, prec, l) -> Float (conv, pad, prec, string_concat_map m l)
  | Bool (pad, l) -> Bool (pad, string_concat_map m l)
  | Flush l -> Flush (string_concat_map m l)
  | Format_arg (pad, ty, l) -> Format_arg (pad, ty, string_concat_map m l)
  | Format_subst (pad, ty, l) -> Format_subst (pad, ty, string_concat_map m l)
  | Alpha l -> Alpha (string_concat_map m l)
  | Theta l -> Theta (string_concat_map m l)
  | Formatting_lit (lit, l) -> Formatting_lit (lit, string_concat_map m l)
  | Formatting_gen (gen, l) -> Formatting_gen (gen, string_concat_map m l)
  | Reader l -> Reader (string_concat_map m l)
  | Scan_char_set (width, set, l) ->
      Scan_char_set (width, set, string_concat_map m l)
  | Scan_get_counter (counter, l) ->
      Scan_get_counter (counter, string_concat_map m l)
  | Scan_next_char l -> Scan_next_char (string_concat_map m l)
  | Ignored_param (ign, l) -> Ignored_param (ign, string_concat_map m l)
  | Custom (arity, produce, l) -> Custom (arity, produce, string_concat_map m l)
