let x = begin 1
let y = 2
====
let x = (1 + 2
====
let x = (1 + in
====
let f = [1; 2
let g = 3
====
module M = struct let x = 1
====
let x = _
====
let x = s.[0] <- 'a'
====
type t = (module S with type 'a t = int)
====
let x = match y with A as -> 1
====
let f (x : ) = x
====
let ( = 1
====
module M : = struct end
====
module M = sig end
====
let x = "unterminated
====
(* a comment (* nested *)
====
(* "string in comment *)
====
let x = '\q'
====
let x = ''
====
let f ~let:x = x
====
let x = 12abc
====
let x = "\999"
====
# 99999999999999999999 "file"
====
let x = {Delim|text|Delim}
====
let x in 1
====
class c = object method m : type a. 'a -> a = 1 end
====
type t = A | let x = 1
====
while x do y
====
val x : int = 3
====
class c () x : 'a) = object end
====
module type S = sig val fst : 'a 'b -> 'a end
