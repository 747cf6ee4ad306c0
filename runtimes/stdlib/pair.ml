(* Pairs. *)

type ('a, 'b) t = 'a * 'b

let make first second = (first, second)
let fst (first, _) = first
let snd (_, second) = second
let swap (first, second) = (second, first)

let fold f (first, second) = f first second
let map f g (first, second) = (f first, g second)
let map_fst f (first, second) = (f first, second)
let map_snd g (first, second) = (first, g second)

let iter f g (first, second) =
  f first;
  g second

let equal eq_fst eq_snd (first1, second1) (first2, second2) =
  eq_fst first1 first2 && eq_snd second1 second2

let compare cmp_fst cmp_snd (first1, second1) (first2, second2) =
  match cmp_fst first1 first2 with
  | 0 -> cmp_snd second1 second2
  | order -> order
