(* The run-time library of classes and objects.

   An object is a block with tag [Obj.object_tag]:
     field 0      its class's array of methods
     field 1      its identifier
     from 2 on    the instance variables.

   An array of methods:
     element 0        the number p of public methods known when it was made
     element 1        a mask in bytes for the caches of sends
     2i+2 and 2i+3    a public method and its tag, for i < p, by ascending tag
     after those      private methods, and caches of sends.

   A method is a function whose first argument is the object.  A label is an
   index in the array; a tag is the hash of a public method's name, by which
   it is found when the class is not known.  The compiler calls the functions
   below and relies on these layouts, and on those of [init_table] and
   [tables]. *)

external set_id : 'a -> 'a = "caml_set_oo_id" [@@noalloc]

(* Elements of objects and of arrays of methods.  The declaration says that
   they are never floats, which makes access to such arrays direct. *)
type slot = Immediate | Block of slot [@@boxed] [@@warning "-37"]

type tag
type label = int
type closure = slot
type meth = slot
type t = slot
type obj = slot array

external slot : 'a -> slot = "%identity"

let copy o = set_id (Obj.obj (Obj.dup (Obj.repr o)))

(* Tuning knobs of an earlier design, part of the interface. *)

type params =
  { mutable compact_table : bool;
    mutable copy_parent : bool;
    mutable clean_when_copying : bool;
    mutable retry_count : int;
    mutable bucket_small_size : int }

let params =
  { compact_table = true;
    copy_parent = true;
    clean_when_copying = true;
    retry_count = 3;
    bucket_small_size = 16 }

(* The hash of a method's name: 31 bits, as a signed number.  The compiler
   computes it too. *)
let public_method_label name : tag =
  let hash = String.fold_left (fun h c -> 223 * h + Char.code c) 0 name in
  let hash = hash land 0x7FFF_FFFF in
  let hash = if hash > 0x3FFF_FFFF then hash - (1 lsl 31) else hash in
  Obj.magic hash

(* Classes under construction *)

module Names = Map.Make (String)
module Labels = Map.Make (Int)

(* What a class sees of its ancestors while one is being inherited. *)
type scope = {
  names : label Names.t;  (* the methods it can name *)
  concrete : bool Labels.t;  (* whether their definitions are accepted *)
  hidden : (label * meth) list;  (* definitions kept out of the array *)
  variables : int Names.t;
}

(* A scope to come back to: it, and the virtual methods and the variables that
   the ancestor shares with it. *)
type saved_scope = {
  outer : scope;
  virtual_labels : label list;
  shared_variables : string list;
}

type table = {
  mutable size : int;  (* of objects *)
  mutable methods : meth array;
  mutable scope : scope;
  mutable saved : saved_scope list;
  mutable initializers : (obj -> unit) list;
}

let initial_object_size = 2

let empty_scope =
  { names = Names.empty;
    concrete = Labels.empty;
    hidden = [];
    variables = Names.empty }

let make_table size methods =
  { size; methods; scope = empty_scope; saved = []; initializers = [] }

let dummy_table = make_table 0 [| Immediate |]

(* What an element of an array of methods is before its definition. *)
let undefined_method : meth = Obj.obj (Obj.new_block 0 0)

let table_count = Atomic.make 0
let method_count = Atomic.make 0
let inst_var_count = Atomic.make 0

let word_bytes = Sys.word_size / 8

(* The arrays of names that come from the compiler are 0 when empty. *)
let names_of (names : string array) =
  if Obj.is_int (Obj.repr names) then [||] else names

(* The least number of pairs, a power of 2, that holds [n] of them. *)
let rec pairs_for n = if n <= 2 then n else 2 * pairs_for ((n + 1) / 2)

let create_table public_methods =
  Atomic.incr table_count;
  let public = names_of public_methods in
  let p = Array.length public in
  let methods = Array.make (2 * p + 2) undefined_method in
  methods.(0) <- slot p;
  methods.(1) <- slot (pairs_for p * word_bytes - 1);
  let table = make_table initial_object_size methods in
  Array.iteri
    (fun i name ->
      let label = 2 * i + 2 in
      methods.(label + 1) <- slot (public_method_label name);
      let { names; concrete; _ } = table.scope in
      table.scope <-
        { table.scope with
          names = Names.add name label names;
          concrete = Labels.add label true concrete })
    public;
  table

(* The number of elements within reach of the mask. *)
let masked_size table =
  let mask : int = Obj.magic table.methods.(1) in
  mask * 2 / word_bytes

let ensure_methods table size =
  let present = Array.length table.methods in
  if size > present then
    table.methods <-
      Array.append table.methods
        (Array.make (size - present) undefined_method)

(* Methods *)

let new_method table =
  let label = Array.length table.methods in
  ensure_methods table (label + 1);
  label

let get_method_label table name =
  match Names.find_opt name table.scope.names with
  | Some label -> label
  | None ->
      let label = new_method table in
      let { names; concrete; _ } = table.scope in
      table.scope <-
        { table.scope with
          names = Names.add name label names;
          concrete = Labels.add label true concrete };
      label

let get_method_labels table names =
  Array.map (get_method_label table) names

let set_method table label definition =
  Atomic.incr method_count;
  if Labels.find label table.scope.concrete then begin
    ensure_methods table (label + 1);
    table.methods.(label) <- definition
  end
  else
    table.scope <-
      { table.scope with hidden = (label, definition) :: table.scope.hidden }

let get_method table label =
  match List.assoc_opt label table.scope.hidden with
  | Some definition -> definition
  | None -> table.methods.(label)

(* Instance variables *)

let new_variable table name =
  match Names.find_opt name table.scope.variables with
  | Some index -> index
  | None ->
      let index = table.size in
      table.size <- index + 1;
      (* The empty name is that of the compiler's own variables. *)
      if name <> "" then
        table.scope <-
          { table.scope with
            variables = Names.add name index table.scope.variables };
      index

let get_variable table name =
  match Names.find_opt name table.scope.variables with
  | Some index -> index
  | None -> assert false

let get_variables table names = Array.map (get_variable table) names

let new_methods_variables table methods variables =
  let labels = Array.map (get_method_label table) (names_of methods) in
  let indices = Array.map (new_variable table) variables in
  Array.append labels indices

(* Inheritance: the ancestor is built in a scope that has only what the heir
   shares with it. *)

let without_labels labels hidden =
  List.filter (fun (label, _) -> not (List.mem label labels)) hidden

let narrow table variables virtual_methods concrete_methods =
  let variables = Array.to_list (names_of variables) in
  let labelled names =
    List.map (fun name -> (name, get_method_label table name))
      (Array.to_list (names_of names))
  in
  let virtual_methods = labelled virtual_methods in
  let concrete_methods = labelled concrete_methods in
  let virtual_labels = List.map snd virtual_methods in
  let outer = table.scope in
  table.saved <-
    { outer; virtual_labels; shared_variables = variables } :: table.saved;
  let add_concrete scope (name, label) =
    let accepted =
      Option.value (Labels.find_opt label outer.concrete) ~default:true
    in
    { scope with
      names = Names.add name label scope.names;
      concrete = Labels.add label accepted scope.concrete }
  in
  let add_virtual scope (name, label) =
    { scope with
      names = Names.add name label scope.names;
      concrete = Labels.add label false scope.concrete }
  in
  let inner =
    { empty_scope with
      variables =
        Names.filter (fun name _ -> List.mem name variables) outer.variables;
      hidden = without_labels virtual_labels outer.hidden }
  in
  let inner = List.fold_left add_concrete inner concrete_methods in
  table.scope <- List.fold_left add_virtual inner virtual_methods

let widen table =
  match table.saved with
  | [] -> assert false
  | { outer; virtual_labels; shared_variables } :: saved ->
      let inner = table.scope in
      let share variables name =
        Names.add name (Names.find name inner.variables) variables
      in
      table.saved <- saved;
      table.scope <-
        { outer with
          variables = List.fold_left share outer.variables shared_variables;
          hidden = without_labels virtual_labels inner.hidden @ outer.hidden }

let add_initializer table f =
  table.initializers <- f :: table.initializers

(* Making classes *)

let init_class table =
  ignore (Atomic.fetch_and_add inst_var_count (table.size - 1));
  table.initializers <- List.rev table.initializers;
  (* A cache of sends is read at any masked index. *)
  ensure_methods table (3 + masked_size table)

let inherits table variables virtual_methods concrete_methods
    (_, ancestor, env) top =
  narrow table variables virtual_methods concrete_methods;
  (* Within a class with free variables, they are passed later. *)
  let init =
    if top then ancestor table env else Obj.repr (ancestor table)
  in
  widen table;
  let indices = Array.map (get_variable table) (names_of variables) in
  let definition name =
    Obj.repr (get_method table (get_method_label table name))
  in
  Array.concat
    [ [| init |];
      Array.map Obj.repr indices;
      Array.map definition (names_of concrete_methods) ]

let no_env = Obj.repr 0

let make_class public_methods class_init =
  let table = create_table public_methods in
  let env_init = class_init table in
  init_class table;
  (env_init no_env, class_init, no_env)

(* Overlays a [tables] block. *)
type init_table = { mutable env_init : t; mutable class_init : table -> t }
[@@warning "-unused-field"]

let make_class_store public_methods class_init store =
  let table = create_table public_methods in
  let env_init = class_init table in
  init_class table;
  (* Last: what is not 0 here tells that the class is ready. *)
  store.class_init <- class_init;
  store.env_init <- env_init

let dummy_class loc =
  let undefined = fun _ -> raise (Undefined_recursive_module loc) in
  (Obj.magic undefined, undefined, no_env)

(* Objects.  The functions in [_opt], and the last one, are given the object
   by an heir, or 0 when it is theirs to create. *)

let given o = Obj.is_block (Obj.repr o)

let create_object table : obj =
  let o = Obj.new_block Obj.object_tag table.size in
  Obj.set_field o 0 (Obj.repr table.methods);
  Obj.obj (set_id o)

let create_object_opt o table = if given o then o else create_object table

let run_initializers o table = List.iter (fun f -> f o) table.initializers

let run_initializers_opt present o table =
  if not (given present) then run_initializers o table;
  o

let create_object_and_run_initializers present table =
  if given present then present
  else begin
    let o = create_object table in
    run_initializers o table;
    o
  end

external send : obj -> tag -> 'a = "%send"
external sendcache : obj -> tag -> t -> int -> 'a = "%sendcache"
external sendself : obj -> label -> 'a = "%sendself"
external get_public_method : obj -> tag -> closure
  = "caml_get_public_method" [@@noalloc]

(* Classes made by a functor or a function, one for each tuple of ancestors:
   a trie whose path is the keys from last to first.  [data] is the list of
   children, linked by [next]; the leaf is used as an [init_table]. *)

type tables = {
  key : closure;
  mutable data : tables;
  mutable next : tables;
}

let no_tables : tables = Obj.magic 0
let exists tables = tables != no_tables
let node key data = { key; data; next = no_tables }

(* A path for the keys [i], [i - 1], ... 0: its first node and its leaf. *)
let path keys i =
  let leaf = node Immediate no_tables in
  let rec up j below =
    if j > i then below else up (j + 1) (node keys.(j) below)
  in
  (up 0 leaf, leaf)

let rec lookup_below parent keys i =
  if i < 0 then parent.data
  else if not (exists parent.data) then begin
    let first, leaf = path keys i in
    parent.data <- first;
    leaf
  end
  else lookup_among parent.data keys i

(* Among siblings: the one for key [i], made if there is none. *)
and lookup_among sibling keys i =
  if sibling.key == keys.(i) then
    if i = 0 then sibling.data else lookup_below sibling keys (i - 1)
  else if exists sibling.next then lookup_among sibling.next keys i
  else begin
    let first, leaf = path keys i in
    sibling.next <- first;
    leaf
  end

let lookup_tables root keys =
  let last = Array.length keys - 1 in
  if last < 0 && not (exists root.data) then begin
    let leaf = node Immediate no_tables in
    root.data <- leaf;
    leaf
  end
  else lookup_below root keys last

(* Methods of common forms, which the compiler describes instead of compiling:
   a code, followed by its operands. *)

type impl =
    GetConst
  | GetVar
  | GetEnv
  | GetMeth
  | SetVar
  | AppConst
  | AppVar
  | AppEnv
  | AppMeth
  | AppConstConst
  | AppConstVar
  | AppConstEnv
  | AppConstMeth
  | AppVarConst
  | AppEnvConst
  | AppMethConst
  | MethAppConst
  | MethAppVar
  | MethAppEnv
  | MethAppMeth
  | SendConst
  | SendVar
  | SendEnv
  | SendMeth
  | Closure of closure

(* [Env]: a variable of the environment, which is itself in a variable. *)
let var (o : obj) i = Array.unsafe_get o i
let env (o : obj) e i = var (Obj.magic (var o e) : obj) i
let methods_of o = var o 0
let method_ (f : obj -> 'a) : meth = slot f

(* A new element for the cache of a send.  A cached index must not look like a
   tag: the elements within reach of the mask have to be even. *)
let new_cache table =
  let fits n = n mod 2 = 0 || n > 2 + masked_size table in
  let n = new_method table in
  let n = if fits n then n else new_method table in
  table.methods.(n) <- slot 0;
  n

(* The method described at [pos], whose operands follow. *)
let method_of_description table description pos =
  let next () = incr pos; Obj.magic description.(!pos) in
  let apply1 (f : slot) : slot -> slot = Obj.magic f in
  let apply2 (f : slot) : slot -> slot -> slot = Obj.magic f in
  let int () : int = next () in
  let value () : slot = next () in
  let tag () : tag = next () in
  let self_apply o n x : slot = (sendself o n : slot -> slot) x in
  match (Obj.magic description.(!pos) : impl) with
  | GetConst -> let x = value () in method_ (fun _ -> x)
  | GetVar -> let n = int () in method_ (fun o -> var o n)
  | GetEnv ->
      let e = int () in
      let n = int () in
      method_ (fun o -> env o e n)
  | GetMeth -> let n = int () in method_ (fun o -> (sendself o n : slot))
  | SetVar ->
      let n = int () in
      method_ (fun o x -> Array.unsafe_set o n x)
  | AppConst ->
      let f = value () in
      let x = value () in
      method_ (fun _ -> apply1 f x)
  | AppVar ->
      let f = value () in
      let n = int () in
      method_ (fun o -> apply1 f (var o n))
  | AppEnv ->
      let f = value () in
      let e = int () in
      let n = int () in
      method_ (fun o -> apply1 f (env o e n))
  | AppMeth ->
      let f = value () in
      let n = int () in
      method_ (fun o -> apply1 f (sendself o n))
  | AppConstConst ->
      let f = value () in
      let x = value () in
      let y = value () in
      method_ (fun _ -> apply2 f x y)
  | AppConstVar ->
      let f = value () in
      let x = value () in
      let n = int () in
      method_ (fun o -> apply2 f x (var o n))
  | AppConstEnv ->
      let f = value () in
      let x = value () in
      let e = int () in
      let n = int () in
      method_ (fun o -> apply2 f x (env o e n))
  | AppConstMeth ->
      let f = value () in
      let x = value () in
      let n = int () in
      method_ (fun o -> apply2 f x (sendself o n))
  | AppVarConst ->
      let f = value () in
      let n = int () in
      let x = value () in
      method_ (fun o -> apply2 f (var o n) x)
  | AppEnvConst ->
      let f = value () in
      let e = int () in
      let n = int () in
      let x = value () in
      method_ (fun o -> apply2 f (env o e n) x)
  | AppMethConst ->
      let f = value () in
      let n = int () in
      let x = value () in
      method_ (fun o -> apply2 f (sendself o n) x)
  | MethAppConst ->
      let n = int () in
      let x = value () in
      method_ (fun o -> self_apply o n x)
  | MethAppVar ->
      let n = int () in
      let m = int () in
      method_ (fun o -> self_apply o n (var o m))
  | MethAppEnv ->
      let n = int () in
      let e = int () in
      let m = int () in
      method_ (fun o -> self_apply o n (env o e m))
  | MethAppMeth ->
      let n = int () in
      let m = int () in
      method_ (fun o -> self_apply o n (sendself o m))
  | SendConst ->
      let m = tag () in
      let x : obj = next () in
      let cache = new_cache table in
      method_ (fun o -> (sendcache x m (methods_of o) cache : slot))
  | SendVar ->
      let m = tag () in
      let n = int () in
      let cache = new_cache table in
      method_ (fun o ->
        (sendcache (Obj.magic (var o n) : obj) m (methods_of o) cache : slot))
  | SendEnv ->
      let m = tag () in
      let e = int () in
      let n = int () in
      let cache = new_cache table in
      method_ (fun o ->
        (sendcache (Obj.magic (env o e n) : obj) m (methods_of o) cache
         : slot))
  | SendMeth ->
      let m = tag () in
      let n = int () in
      let cache = new_cache table in
      method_ (fun o ->
        (sendcache (sendself o n) m (methods_of o) cache : slot))
  | Closure _ as closure -> slot closure

(* A label and a description, again and again. *)
let set_methods table descriptions =
  let pos = ref 0 in
  while !pos < Array.length descriptions do
    let label : label = descriptions.(!pos) in
    incr pos;
    let definition = method_of_description table descriptions pos in
    set_method table label definition;
    incr pos
  done

type stats =
  { classes : int;
    methods : int;
    inst_vars : int }

let stats () =
  { classes = Atomic.get table_count;
    methods = Atomic.get method_count;
    inst_vars = Atomic.get inst_var_count }
