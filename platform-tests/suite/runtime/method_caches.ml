(* Caches of method calls shared by domains. *)
class type shape = object method area : int method name : string end
let make i : shape = match i mod 4 with
  | 0 -> object method area = 1 method name = "a" end
  | 1 -> (object method area = 10 method extra = 3 method name = "b" method private p = 1 end :> shape)
  | 2 -> (object method zebra = 0 method name = "c" method area = 100 method b = 1 method c = 2 end :> shape)
  | _ -> (object val mutable v = 1000 method area = v method name = "d" method set n = v <- n end :> shape)
let run () =
  let objs = Array.init 64 make in
  let sum = ref 0 in
  for r = 1 to 20_000 do
    for i = 0 to 63 do sum := !sum + objs.((i * r) land 63)#area + String.length objs.(i)#name done
  done;
  !sum
let () =
  let expected = run () in
  let ds = List.init 4 (fun _ -> Domain.spawn run) in
  Printf.printf "%b\n" (List.for_all (fun d -> Domain.join d = expected) ds)
