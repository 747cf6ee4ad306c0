type 'a t = A | B of int * 'a | C : 'b. 'b -> 'b t | D of { mutable x : int; y : 'a. 'a } [@@deriving show]
and +!'a u = 'a t = private A | B constraint 'a = int
type r = { a : int; (** the first *) b : (x:int * string) [@attr] }
type e = ..
type e += E of int | F = M.G
type nonrec v = [ `A | `B of int & string | t ] as 'a
type w = [> `A ] * [< `A | `B > `A ] * < m : int; n : 'a. 'a; .. > * #c * (module S with type t = int)
type f = x:int -> ?y:string -> (int, 'a) Hashtbl.t -> M.(t list) -> F(X).t -> [%ext]
exception E of int
exception F = E
external id : 'a -> 'a = "%identity"
let f (A | B (_, _)) ({ x; y = Some 1; _ } as r) [| 'a' .. 'z' |] ((`A, #t) : u) (lazy z) (module M : S) = ()
let g = function M.(A, B) | M.[] | x :: y :: [] | [%ext] | ~l:1, ~m, .. -> () | exception (E _ as e) -> raise e
let h (C (type a) (x : a)) = function (::) (a, b) -> () | -1 | +2.5 -> ()
