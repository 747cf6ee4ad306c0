module type S = sig type t := int module M = N module O : S with type t = u and module P := Q val x : int end
module F (X : S) () : T = struct include X open! M end
module rec A : S = B(C)(struct end)() and B : sig end = (val x : S)
module G = functor (X : S) -> X
module type T = module type of struct end
module type U = S -> (T -> S) with module type V = W
class virtual ['a, +'b] c x ?(y = 1) : object method m : int end = let z = 1 in object
  inherit! d x
  val virtual mutable v : int
  method virtual private m : 'a -> 'a
  method n : type a. a -> a = fun x -> x
  constraint 'a = int
  initializer print ()
  [@@@attr]
end and e = fun x -> (f x : ct)
class type ct = let open M in object ('self) val x : int method m : 'a. 'a inherit d [%%ext] end
[%%item let x = 1]
;;
1 + 2 [@@eval];;
[@@@floating: int] [@@@pattern? Some _ when true]
