(* Objects: immediate ones, self, instance variables, copies, polymorphism, cached sends. *)

let p fmt = Printf.printf (fmt ^^ "\n%!")

let counter =
  object (self)
    val mutable n = 0
    val step = 2
    method get = n
    method incr = n <- n + step; self
    method twice = self#incr#incr
    method private hidden = n * 100
    method show = self#hidden
  end

let () =
  p "counter %d" counter#twice#get;
  p "show %d" counter#incr#show

(* Copies share nothing but their class. *)
let point x y =
  object (self)
    val x = x
    val y = y
    method x = x
    method y = y
    method move dx dy = {< x = x + dx; y = y + dy >}
    method reset = {< x = 0 >}
    method same = {< >}
    method norm = abs self#x + abs self#y
  end

let () =
  let a = point 1 2 in
  let b = a#move 10 20 in
  p "a %d %d, b %d %d, reset %d %d" a#x a#y b#x b#y b#reset#x b#reset#y;
  p "norm %d %d" a#norm b#norm;
  p "identity %b %b" (a = a) (a = a#same);
  p "order %b" (compare a b < 0 && compare b a > 0);
  p "copies differ %b" (Oo.id a <> Oo.id (Oo.copy a));
  p "hash %b" (Hashtbl.hash a = Hashtbl.hash a)

(* Structural polymorphism: one place of call, objects of many classes. *)
let shapes =
  [ object method area = 1.5 method name = "a" end;
    object method area = 2.5 method name = "b" method private z = 0 end;
    object (self) method area = float (String.length self#name) method name = "ccc" end ]

let total () = List.fold_left (fun acc s -> acc +. s#area) 0. shapes

let () =
  for _ = 1 to 3 do p "total %.1f" (total ()) done;
  List.iter (fun s -> p "%s %.1f" s#name s#area) shapes

(* A cache that keeps missing. *)
let o1 = object method m0 = 0 method value = 1 end
let o2 = object method value = 2 method zz = 0 method yy = 1 method xx = 2 end
let o3 = object method a = 0 method b = 0 method c = 0 method value = 3 method d = 1 end
let value (o : < value : int; .. >) = o#value

let () =
  let sum = ref 0 in
  for i = 1 to 3000 do
    sum := !sum + (match i mod 3 with 0 -> value o1 | 1 -> value o2 | _ -> value o3)
  done;
  p "sum %d" !sum

(* Methods of many arguments, partial application, labels and optional arguments. *)
let many =
  object
    method m1 a = a
    method m5 a b c d e = a + 10 * b + 100 * c + 1000 * d + 10000 * e
    method m9 a b c d e f g h i = [ a; b; c; d; e; f; g; h; i ]
    method labelled ~x ?(y = 7) z = x * 100 + y * 10 + z
    method poly : 'a. 'a -> 'a list = fun x -> [ x; x ]
    method tupled (a, b) = a - b
    method fn = fun x -> x + 1
    method unit () = "unit"
  end

let () =
  p "m5 %d" (many#m5 1 2 3 4 5);
  let f = many#m5 1 2 in
  p "partial %d" (f 3 4 5);
  p "m9 %s" (String.concat "," (List.map string_of_int (many#m9 1 2 3 4 5 6 7 8 9)));
  p "labelled %d %d" (many#labelled ~x:1 2) (many#labelled ~x:1 ~y:3 2);
  p "poly %d %s" (List.length (many#poly 1)) (String.concat "" (many#poly "s"));
  p "tupled %d, fn %d, %s" (many#tupled (5, 3)) (many#fn 4) (many#unit ())

(* Evaluation order: the object, then the arguments from right to left. *)
let () =
  let say s x = p "%s" s; x in
  let r = (say "object" many)#m5 (say "a" 1) (say "b" 2) (say "c" 3) (say "d" 4) (say "e" 5) in
  p "%d" r

(* Objects that close over their surroundings, in functions and loops. *)
let make_stack () =
  let count = ref 0 in
  object (self)
    val mutable items : int list = []
    method push x = incr count; items <- x :: items; self
    method pop = match items with [] -> None | x :: rest -> items <- rest; Some x
    method count = !count
    method map f = {< items = List.map f items >}
    method items = items
  end

let () =
  let s = make_stack () and t = make_stack () in
  ignore ((s#push 1)#push 2);
  ignore (t#push 9);
  p "stacks %d %d" s#count t#count;
  p "map %s" (String.concat ";" (List.map string_of_int (s#map (fun x -> x * x))#items));
  (match s#pop with Some x -> p "pop %d" x | None -> p "empty");
  p "left %d" (List.length s#items)

let adders = List.init 4 (fun i -> object method add x = x + i method me = i end)
let () = p "adders %s" (String.concat "," (List.map (fun o -> string_of_int (o#add 10 + o#me)) adders))

let () =
  let all = ref [] in
  for i = 1 to 3 do
    let extra = i * 10 in
    all := object method get = extra + i method set = all := [] end :: !all
  done;
  List.iter (fun o -> p "loop %d" o#get) !all;
  (List.hd !all)#set;
  p "cleared %d" (List.length !all)

(* An object within a method of another refers to both. *)
let outer k =
  object (outer)
    val base = 100
    method private secret = 1
    method inner j =
      object (inner)
        val own = 5
        method sum = base + own + j + k + outer#secret
        method both = inner#sum + outer#total
      end
    method total = base + k
  end

let () =
  let a = (outer 1000)#inner 10 and b = (outer 2000)#inner 20 in
  p "inner %d %d %d %d" a#sum a#both b#sum b#both

(* Exceptions and comparison of what holds objects. *)
let () =
  let failing = object method boom : int = failwith "boom" end in
  (try ignore failing#boom with Failure s -> p "caught %s" s);
  p "functional %b" (try compare (object method m = 1 end, fun x -> x) (Obj.magic 0) = 0 with _ -> false);
  let a = object end and b = object end in
  p "objects differ %b %b %b" (a = b) (a == a) (compare a a = 0)

(* Open self types and coercions. *)
let describe (o : < name : string; .. >) = o#name

let () =
  let named = object method name = "n" method extra = 1 end in
  p "%s %s" (describe named) (named :> < name : string >)#name;
  let l = [ (named :> < name : string >); object method name = "m" end ] in
  p "%s" (String.concat "" (List.map (fun o -> o#name) l))

(* Floats in instance variables are boxed values like others. *)
let () =
  let o =
    object
      val mutable x = 1.5
      val mutable y = 2.5
      method grow = x <- x *. 2.; y <- y +. x
      method sum = x +. y
    end
  in
  o#grow; o#grow;
  p "floats %.2f" o#sum;
  Gc.full_major ();
  p "after gc %.2f" (Oo.copy o)#sum
