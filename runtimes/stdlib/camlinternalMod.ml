(* Support for recursive modules.

   A recursive module begins as a block of the right shape whose functions,
   lazy values and classes fail when they are used; its real contents are
   copied into that block once they are computed.  References taken meanwhile
   so become valid. *)

type shape =
  | Function
  | Lazy
  | Class
  | Module of shape array
  | Value of Obj.t

(* A placeholder looks its own field up when it is used: by then the field
   holds the definition, unless the module is not initialised yet. *)

let placeholder_function loc block i : Obj.t =
  let rec stub (arg : Obj.t) : Obj.t =
    let current : Obj.t -> Obj.t = Obj.obj (Obj.field block i) in
    if current == stub then raise (Undefined_recursive_module loc)
    else current arg
  in
  Obj.repr stub

let placeholder_lazy loc block i : Obj.t =
  let rec stub : Obj.t Lazy.t =
    lazy
      (let current : Obj.t Lazy.t = Obj.obj (Obj.field block i) in
       if current == stub then raise (Undefined_recursive_module loc)
       else Lazy.force current)
  in
  Obj.repr stub

let rec placeholder_module loc shapes : Obj.t =
  let block = Obj.new_block 0 (Array.length shapes) in
  let placeholder i = function
    | Function -> placeholder_function loc block i
    | Lazy -> placeholder_lazy loc block i
    | Class -> Obj.repr (CamlinternalOO.dummy_class loc)
    | Module shapes -> placeholder_module loc shapes
    | Value v -> v
  in
  Array.iteri (fun i shape -> Obj.set_field block i (placeholder i shape))
    shapes;
  block

let init_mod loc = function
  | Module shapes -> placeholder_module loc shapes
  | _ -> failwith "CamlinternalMod.init_mod: not a module"

let rec update_module shapes block definition =
  assert (Obj.tag definition = 0
          && Obj.size definition >= Array.length shapes);
  let update i shape =
    let v = Obj.field definition i in
    match shape with
    | Function | Lazy -> Obj.set_field block i v
    | Value _ -> ()
    | Module shapes -> update_module shapes (Obj.field block i) v
    | Class ->
        (* A class is shared by its users: its three fields are replaced. *)
        assert (Obj.tag v = 0 && Obj.size v = 3);
        let cls = Obj.field block i in
        for j = 0 to 2 do Obj.set_field cls j (Obj.field v j) done
  in
  Array.iteri update shapes

let update_mod shape block definition =
  match shape with
  | Module shapes -> update_module shapes block definition
  | _ -> failwith "CamlinternalMod.update_mod: not a module"
