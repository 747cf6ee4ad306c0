(* Classes: inheritance, virtual and private methods, initializers, parameters, recursion, functors. *)

let p fmt = Printf.printf (fmt ^^ "\n%!")

class point x0 =
  object (self)
    val mutable x = x0
    method x = x
    method move d = x <- x + d
    method print = p "point %d" self#x
  end

class coloured_point x (c : string) =
  object (self)
    inherit point x as super
    val c = c
    method colour = c
    method! print = super#print; p "coloured %s %d" self#colour super#x
    method! move d = p "moving"; super#move (2 * d)
  end

let () =
  let q = new coloured_point 3 "red" in
  q#print; q#move 4; q#print;
  (q :> point)#print;
  p "same hash %b" (Hashtbl.hash (Oo.id q) = Hashtbl.hash (Oo.id q))

(* Virtual classes and methods, private methods made public. *)
class virtual shape =
  object (self)
    method virtual area : float
    method virtual private name : string
    val virtual scale : float
    method describe = Printf.sprintf "%s of %.2f" self#name (self#area *. scale)
  end

class square side =
  object
    inherit shape
    val scale = 1.0
    method area = side *. side
    method private name = "square"
  end

class big_square side = object inherit square side val! scale = 10.0 method! name = "big square" end

let () =
  List.iter (fun s -> p "%s" s#describe) [ new square 2.; (new big_square 3. :> square) ];
  p "%s" (new big_square 1.)#name

(* Initializers run from the ancestors down, after all variables are set. *)
class traced name =
  object (self)
    val mutable log = []
    method note s = log <- s :: log
    method log = List.rev log
    initializer self#note ("traced " ^ name)
  end

class traced2 name =
  object (self)
    initializer self#note "first"
    inherit traced (name ^ "!")
    initializer self#note "second"
    method! note s = p "note %s" s; log <- ("2:" ^ s) :: log
  end

let () = p "%s" (String.concat ", " (new traced2 "t")#log)

(* Multiple inheritance: later definitions win, variables of one name are shared. *)
class a = object val mutable v = 1 method m = "a" method va = v method set n = v <- n end
class b = object val mutable v = 2 method m = "b" method vb = v end
class ab = object inherit a as a inherit b as b method both = a#m ^ b#m ^ (if a#va = b#vb then "=" else "#") end

let () =
  let o = new ab in
  p "%s %s %d %d" o#m o#both o#va o#vb;
  o#set 5;
  p "%d %d" o#va o#vb

(* Parameters: labels, options, defaults, patterns, functions, lets. *)
class config ?(verbose = false) ~level (name, extra) =
  let doubled = level * 2 in
  let hits = ref 0 in
  object
    method show = incr hits; Printf.sprintf "%b %d %d %s%s %d" verbose level doubled name extra !hits
  end

let () =
  let c = new config ~level:3 ("n", "x") in
  p "%s" c#show; p "%s" c#show;
  p "%s" (new config ~verbose:true ~level:1 ("m", ""))#show;
  let make = new config ~verbose:true in
  p "%s" (make ~level:9 ("later", "!"))#show

class let_first = let () = p "evaluated once" in fun x -> let y = x + 1 in object method y = y end
let () = p "%d %d" (new let_first 1)#y (new let_first 2)#y

(* Abbreviations and applications of classes. *)
class point_at_seven = point 7
class shifted d = point (d + 100)
class alias = point
let () =
  (new point_at_seven)#print; (new shifted 1)#print; (new alias 8)#print

class sub_of_alias = object inherit point_at_seven as s method! print = p "sub"; s#print end
let () = (new sub_of_alias)#print

(* Constraints hide and restrict. *)
class hidden : object method get : int method bump : unit end =
  object (self)
    val mutable secret = 1
    method private helper = secret * 2
    method get = self#helper
    method bump = secret <- secret + 1
  end

class over_hidden =
  object (self)
    inherit hidden as h
    val secret = "another"
    method private helper = "mine"
    method show = Printf.sprintf "%s %s %d %d" secret self#helper self#get h#get
  end

let () =
  let o = new over_hidden in
  o#bump; p "%s" o#show

(* Polymorphic classes and methods, self types. *)
class ['a] stack =
  object (self : 's)
    val mutable items : 'a list = []
    method push x : 's = items <- x :: items; self
    method first = List.hd items
    method fold : 'b. ('b -> 'a -> 'b) -> 'b -> 'b = fun f acc -> List.fold_left f acc items
    method copy = {< items = items >}
  end

let () =
  let s = ((new stack)#push 1)#push 2 in
  p "fold %d %s" (s#fold ( + ) 0) (s#fold (fun acc x -> acc ^ string_of_int x) "");
  let t = s#copy in
  ignore (t#push 40);
  p "copies %d %d" (s#fold ( + ) 0) (t#fold ( + ) 0);
  p "mapped %s" (s#fold (fun acc x -> acc#push (string_of_int x)) (new stack))#first

(* Recursive classes. *)
class node (v : int) =
  object (self)
    val mutable edges : edge list = []
    method v = v
    method link (n : node) = edges <- new edge (self :> node) n :: edges
    method reach = List.map (fun e -> e#target#v) edges
  end
and edge (a : node) (b : node) =
  object
    method source = a
    method target = b
    method fresh = new node (a#v + b#v)
  end

let () =
  let a = new node 1 and b = new node 2 and c = new node 3 in
  a#link b; a#link c;
  p "reach %s" (String.concat "," (List.map string_of_int a#reach));
  p "fresh %d" (new edge b c)#fresh#v

class type visitor = object method visit : tree -> int end
and tree = object method accept : visitor -> int method children : tree list end

class leaf n : tree = object (self) method accept (v : visitor) = n + v#visit (self :> tree) method children = [] end
class branch l : tree = object (self)
  method accept (v : visitor) = List.fold_left (fun acc (t : tree) -> acc + t#accept v) (v#visit (self :> tree)) l
  method children = l
end
class counting = object val mutable n = 0 method visit (t : tree) = n <- n + 1; List.length t#children method n = n end
let () =
  let c = new counting in
  let t = new branch [ new leaf 1; new branch [ new leaf 10; new leaf 100 ] ] in
  p "visit %d after %d" (t#accept (c :> visitor)) c#n

(* Classes in functors, in functions, in local modules; inherited from a parameter. *)
module type NAMED = sig class named : object method name : string end val tag : int end
module Greeter (N : NAMED) = struct
  class greeter greeting =
    object (self)
      inherit N.named as super
      val tag = N.tag
      method greet = Printf.sprintf "%s %s %d" greeting self#name tag
      method! name = "<" ^ super#name ^ ">"
    end
  class alias = greeter "hey"
end
module A = Greeter (struct class named = object method name = "A" end let tag = 1 end)
module B = Greeter (struct class named = object method name = "B" method private x = 1 end let tag = 2 end)

let () =
  p "%s / %s / %s" (new A.greeter "hello")#greet (new B.greeter "bye")#greet (new B.alias)#greet

let local n =
  let module L = struct
    class virtual v = object method virtual k : int method kk = 2 * n end
    class e k = object inherit v method k = k + n end
    class c = object (self) method n = n method next = new d (self#n + 1) end
    and d k = object inherit e k method back = new c end
  end in
  new L.c

let () =
  p "%d %d %d" (local 1)#n (local 2)#next#k (local 3)#next#kk;
  p "%d" (local 4)#next#back#n

class outer_class k =
  object (self)
    val z = k * 1000
    method private hid = k
    method make j = object (inner) method sum = z + k + j + self#hid method again = inner#sum * 2 end
  end
class outer_sub = object (self) inherit outer_class 2 val mutable more = 5 val! z = 7 method more = more + self#hid end

let () =
  p "%d %d" ((new outer_class 1)#make 10)#sum ((new outer_sub)#make 20)#again;
  p "%d %d" ((new outer_sub)#make 10)#sum (new outer_sub)#more

(* First-class use: new as a function, classes in first-class modules, exceptions from constructors. *)
class fails = object initializer failwith "constructor" end
let () =
  (try ignore (new fails) with Failure s -> p "failed %s" s);
  p "%s" (String.concat "," (List.map (fun o -> string_of_int o#x) (List.map (new point) [ 1; 2; 3 ])))

module type C = sig class c : int -> object method get : int end end
let use (module M : C) = (new M.c 5)#get + (object inherit M.c 6 method twice = 2 end)#get
let () =
  p "%d" (use (module struct class c (n : int) = object method get = n end end));
  p "%d" (use (module struct class c n = object val m = n * 2 method get = m end end))

(* Binary methods and subtyping by depth. *)
class virtual ordered = object (self : 'a) method virtual leq : 'a -> bool method max (o : 'a) = if self#leq o then o else self end
class money (n : float) = object inherit ordered val repr = n method value = repr method leq m = repr <= m#value end
let () = p "max %.1f" ((new money 1.5)#max (new money 2.5))#value

(* Warnings aside, a class may be evaluated many times. *)
let objects = List.init 5 (fun i -> let module M = struct class c = object method i = i * i end end in new M.c)
let () = p "%s" (String.concat " " (List.map (fun o -> string_of_int o#i) objects))
let tables () = (CamlinternalOO.stats ()).CamlinternalOO.classes
let () =
  let before = tables () in
  let f i = object method i = i end in
  let all = List.init 10 f in
  p "sum %d, tables %d" (List.fold_left (fun acc o -> acc + o#i) 0 all) (tables () - before)

(* Definitions around a class may use it. *)
class link = let made = ref 0 in let make () = incr made; new link in object method count = !made method next = make () end
let local () =
  let module M = struct class link = let make () = new link in object method next = make () method depth = 7 end end in
  (new M.link)#next#next#depth
let () = p "%d %d" (new link)#next#next#count (local ())
