(** Expressions of every form. *)

let operators a b = a := b, not a || b && a = b @ a :: b + a * b ** - a
let prefix = !r + -1 - -.2.5 + ~-x + (+3)
let attributed = 1 + 2 [@sum] * 3
let rec even = function 0 -> true | n when n > 0 -> odd (n - 1) | _ -> . and odd n = even (n - 1)
let labels ~a ?b ?(c = 1) ~d:(x, y) (type t) (type u v) : t -> int = fun z -> f ~a ?b ~c:(c + 1) ?d:None z
let tuple = ~x:1, 2, ~y, ~(z : int)
let indexing = a.(0) <- s.[1]; b.{1, 2} <- c.{1, 2, 3, 4}; m.%(k); m.M.%[i; j] <- v
let records = { r with M.x = 1; y; z : int = 3 }, {< a = 1; b >}, r.M.x <- 2
let opens = M.(x + y), M.[1; 2], M.{ x }, M.[| |], M.(), M.(+), let open! M in x
let controls () =
  if a then b else c; while a do b done; for i = 1 to 10 do f i done;
  try f () with Not_found | Failure _ as e -> raise e | effect Get, k -> continue k 1
let modules = let module M = struct let x = 1 end in (module M : S with type t = int)
let exceptions = let exception E of int in assert (lazy 1 == lazy 2)
let objects = object (self) inherit c as super val mutable x = 1 method! private m : 'a. 'a -> 'a = fun y -> y end
let binding_operators = let* x = 1 and* y = 2 in let+ z in x#m ## y
let extensions = [%ext 1], {%ext|text|}, {%a.b id|text|id}, match%ext x with _ -> ()
let constrained = (x : int), (x :> t), (x : t :> u), `A 1, `B, C (1, 2), new M.c
let polymorphic : 'a. 'a -> 'a = fun x -> x
let abstract : type a b. a -> b = assert false
let literals = 0xFFl, 1_000n, 1e3, 0x1.8p3, 'c', '\n', '\065', "a\tb\
   c", {id|raw "text"|id}, '\'', 1g
let \#let = fun \#in -> \#in
