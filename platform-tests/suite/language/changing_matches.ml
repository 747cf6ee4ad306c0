(* Guards that change what is matched: the match fails where no case fits what is then read. *)

let show f = match f () with
  | n -> string_of_int n
  | exception Match_failure (_, _, _) -> "match failure"

let reference () =
  let r = ref (Some 1) in
  match r with
  | { contents = None } -> 0
  | _ when (r := None; false) -> 1
  | { contents = Some n } -> n

type pair = { mutable left : bool; mutable right : int option }

let fields left right change =
  let p = { left; right } in
  match p with
  | { left = true; right = None } -> 0
  | { left = false; right = Some n } when change p; n > 5 -> n
  | { left = true; right = Some n } when change p; n > 5 -> 10 + n
  | { left = false; right = None } -> 100
  | { left = _; right = Some n } -> 1000 + n

let arrays a change =
  match a with
  | [| x |] when change a; x > 5 -> x
  | [| 0; _ |] -> 1
  | [| x |] -> 20 + x
  | [| _; y |] -> 30 + y
  | _ -> 40

let immutable a b =
  match a, b with
  | Some x, _ when x > 10 -> x
  | _, Some y when y > 10 -> y
  | Some x, Some y -> x + y
  | None, Some y -> y
  | Some x, None -> x
  | None, None -> 0

let suspension x =
  match x with
  | (lazy (Some n)), true when n > 3 -> n
  | _, false -> -1
  | (lazy None), _ -> 0
  | (lazy (Some n)), true -> 10 * n

type exn += A of int | B
exception C = B

let rebound = function
  | A 1 -> 1
  | B -> 2
  | C -> 3
  | A n -> n
  | _ -> -1

let strings s t =
  match s, t with
  | "one", "two" -> 1
  | ("one" | "two" | "three" | "four" | "five" | "six" | "seven" | "eight"), "x" -> 2
  | "two", _ -> 3
  | _, ("one" | "two") -> 4
  | _ -> 5

let numbers a b =
  match a, b with
  | (0 | 2 | 4), 'a' .. 'f' -> 1
  | (1 | 3 | 5), ('a' .. 'c' | 'x') -> 2
  | _, 'x' -> 3
  | (_ | 100 as min), '0' .. '9' when min > 50 -> 4
  | n, _ -> n

let () =
  let nothing _ = () in
  print_endline (show reference);
  List.iter (fun (left, right) ->
      List.iter (fun change -> print_endline (show (fun () -> fields left right change)))
        [ nothing; (fun p -> p.left <- not p.left); (fun p -> p.right <- None); (fun p -> p.right <- Some 7) ])
    [ true, None; true, Some 1; true, Some 6; false, None; false, Some 1; false, Some 6 ];
  List.iter (fun a -> Printf.printf "%d\n" (arrays a (fun a -> a.(0) <- 3)))
    [ [| 9 |]; [| 1 |]; [| 0; 1 |]; [| 1; 2 |]; [||] ];
  List.iter (fun (a, b) -> Printf.printf "%d\n" (immutable a b))
    [ Some 11, None; Some 1, Some 20; Some 1, Some 2; None, Some 3; Some 4, None; None, None ];
  List.iter (fun (a, b) -> Printf.printf "%d\n" (suspension (a, b)))
    [ lazy (Some 4), true; lazy (Some 1), true; lazy None, true; lazy (Some 0), false ];
  List.iter (fun e -> Printf.printf "%d\n" (rebound e)) [ A 1; A 7; B; C; Not_found ];
  List.iter (fun (s, t) -> Printf.printf "%d\n" (strings s t))
    [ "one", "two"; "five", "x"; "two", "y"; "nine", "one"; "nine", "nine"; "two", "x" ];
  List.iter (fun (a, b) -> Printf.printf "%d\n" (numbers a b))
    [ 0, 'b'; 3, 'x'; 3, 'd'; 9, 'x'; 100, '5'; 60, '7'; 7, '7'; -3, 'z' ]
