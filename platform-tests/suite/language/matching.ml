(* Matches whose rows contradict each other until a witness is known, and
   numbers at the edges of their representation. *)

type number = One | Two | Three
type word = Alpha | Beta | Gamma
type _ kind = Number : number kind | Word : word kind | Text : string kind | Count : int kind

let describe (type a) (k1 : a kind) (k2 : a kind) (x : a) =
  match k1, k2, x with
  | Number, _, One -> "one"
  | _, Word, Alpha -> "alpha"
  | Text, _, "text" -> "text"
  | _, Count, 0 -> "zero"
  | Number, Number, (Two | Three) -> "number"
  | _, Word, _ -> "word"
  | _, Text, other -> other
  | Count, _, n -> string_of_int n

let[@inline never] doubled_plus_one_halved n = ((n lsl 1) + 1) / 2
let[@inline never] through_int n = Int64.of_int (Int64.to_int n)

type cell = { mutable value : int option }

(* The guard changes what the match has read. *)
let changed cell =
  match cell with
  | { value = Some n } when cell.value <- None; n > 1 -> "large"
  | { value = None } -> "none"
  | { value = Some _ } -> "some"
  | exception Match_failure _ -> "failure"

let () =
  print_endline (describe Number Number One);
  print_endline (describe Number Number Three);
  print_endline (describe Word Word Alpha);
  print_endline (describe Word Word Gamma);
  print_endline (describe Text Text "text");
  print_endline (describe Text Text "other");
  print_endline (describe Count Count 0);
  print_endline (describe Count Count 12);
  Printf.printf "%d\n" (doubled_plus_one_halved max_int);
  Printf.printf "%Ld %Ld\n" (through_int Int64.max_int) (through_int Int64.min_int);
  print_endline (changed { value = Some 2 });
  print_endline (changed { value = None })
