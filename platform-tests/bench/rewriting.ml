(* Normalises terms of combinatory logic: pattern matching and allocation. *)

type term = S | K | I | Var of int | App of term * term

let rec step = function
  | App (I, x) -> Some x
  | App (App (K, x), _) -> Some x
  | App (App (App (S, f), g), x) -> Some (App (App (f, x), App (g, x)))
  | App (f, x) -> (
      match step f with
      | Some f -> Some (App (f, x))
      | None -> ( match step x with Some x -> Some (App (f, x)) | None -> None))
  | S | K | I | Var _ -> None

let rec normalise count t = match step t with Some t -> normalise (count + 1) t | None -> count, t
let rec size = function App (a, b) -> size a + size b | S | K | I | Var _ -> 1

(* Church numerals: n f x applies f n times. *)
let successor = App (S, App (App (S, App (K, S)), K))
let rec numeral n = if n = 0 then App (K, I) else App (successor, numeral (n - 1))

let () =
  let n = int_of_string Sys.argv.(1) in
  let total = ref 0 in
  for i = 1 to n do
    let steps, result = normalise 0 (App (App (App (numeral (i mod 4 + 1), numeral 3), Var 0), Var 1)) in
    total := (!total + steps + size result) land 0xffffff
  done;
  Printf.printf "%d\n" !total
