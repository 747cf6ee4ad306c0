(* Records: update, mutable fields, records of floats, inline records, polymorphic fields, evaluation order. *)

type point = { x : float; y : float }
type person = { name : string; mutable age : int; tags : string list }
type shape = Circle of { center : point; mutable radius : float } | Square of { side : float } | Empty
type poly = { id : 'a. 'a -> 'a }
type 'a cell = { mutable contents : 'a; previous : 'a cell option }
type wrapped = { value : int } [@@unboxed]

let area = function Circle { radius; _ } -> 3. *. radius *. radius | Square { side } -> side *. side | Empty -> 0.

let move ({ x; _ } as p) dx = { p with x = x +. dx }

let rec depth { previous; _ } = match previous with None -> 1 | Some c -> 1 + depth c

let () =
  let p = { x = 1.5; y = 2.5 } in
  let q = move p 10. in
  Printf.printf "%g %g %g %g\n" p.x p.y q.x q.y;
  let ann = { name = "Ann"; age = 30; tags = [ "a"; "b" ] } in
  let bob = { ann with name = "Bob" } in
  ann.age <- ann.age + 1;
  Printf.printf "%s %d, %s %d %s\n" ann.name ann.age bob.name bob.age (String.concat "+" bob.tags);
  let c = Circle { center = p; radius = 2. } in
  (match c with Circle r -> r.radius <- r.radius *. 2. | Square _ | Empty -> ());
  Printf.printf "%g %g %g\n" (area c) (area (Square { side = 3. })) (area Empty);
  let { id } = { id = (fun x -> x) } in
  Printf.printf "%d %s\n" (id 3) (id "three");
  let cell = { contents = 1; previous = Some { contents = 0; previous = None } } in
  cell.contents <- 5;
  Printf.printf "%d %d\n" cell.contents (depth cell);
  Printf.printf "%d\n" { value = 12 }.value;
  Printf.printf "%b %b\n" (p = { x = 1.5; y = 2.5 }) (p == p);
  Printf.printf "%b\n" (compare { p with y = nan } { p with y = nan } = 0)
