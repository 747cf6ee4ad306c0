(* Domains: units of parallelism, each with its local storage. *)

type id = private int

(* Shared with the runtime, which stores the result, then broadcasts. *)
type[@warning "-37"] 'a state =
  | Running
  | Finished of ('a, exn) result

type 'a outcome = {
  mutable state : 'a state; [@warning "-69"]
  mutex : Mutex.t;
  finished : Condition.t;
}

type 'a t = { id : id; outcome : 'a outcome }

external spawn_raw : (unit -> 'a) -> 'a outcome -> id = "caml_domain_spawn"
external self_raw : unit -> id = "caml_ml_domain_id" [@@noalloc]
external cpu_relax_raw : unit -> unit = "caml_ml_domain_cpu_relax"
external self_index : unit -> int = "caml_ml_domain_index" [@@noalloc]
external recommended_domain_count : unit -> int
  = "caml_recommended_domain_count" [@@noalloc]

let self () = self_raw ()
let cpu_relax () = cpu_relax_raw ()
let get_id domain = domain.id
let is_main_domain () = (self () :> int) = 0

module DLS = struct
  (* Each domain has an array of values, indexed by key.  Threads of one
     domain share it, and may be switched at any allocation. *)

  external get_array : unit -> Obj.t array = "%dls_get"
  external set_array : Obj.t array -> unit = "caml_domain_dls_set" [@@noalloc]
  external replace_array : Obj.t array -> Obj.t array -> bool
    = "caml_domain_dls_compare_and_set" [@@noalloc]

  (* What an element is before its key is first used. *)
  let unset = Obj.repr (ref ())

  let init_domain () = set_array (Array.make 8 unset)
  let () = init_domain ()

  type 'a key = { index : int; init : unit -> 'a }

  (* Keys whose value in a new domain comes from its parent's. *)
  type inherited = Inherited : 'a key * ('a -> 'a) -> inherited

  let next_index = Atomic.make 0
  let inherited_keys : inherited list Atomic.t = Atomic.make []

  let rec add_inherited entry =
    let known = Atomic.get inherited_keys in
    if not (Atomic.compare_and_set inherited_keys known (entry :: known)) then
      add_inherited entry

  let new_key ?split_from_parent init =
    let key = { index = Atomic.fetch_and_add next_index 1; init } in
    Option.iter (fun split -> add_inherited (Inherited (key, split)))
      split_from_parent;
    key

  (* The array, grown so that it has [index]. *)
  let rec array_with index =
    let values = get_array () in
    let len = Array.length values in
    if index < len then values
    else begin
      let rec enough size = if index < size then size else enough (2 * size) in
      let grown = Array.make (enough len) unset in
      Array.blit values 0 grown 0 len;
      (* Another thread may have grown it meanwhile. *)
      if replace_array values grown then grown else array_with index
    end

  (* Opaque: an array of [Obj.t] must never be taken for a float array. *)
  let box v = Obj.repr (Sys.opaque_identity v)

  let set key v = (array_with key.index).(key.index) <- box v

  (* Without poll points, hence atomic within a domain. *)
  let[@inline never] set_if_unset values index v =
    if values.(index) == unset then Array.unsafe_set values index v

  (* [init] runs once or, when threads race, several times; the first value
     stored is everyone's. *)
  let[@inline never] initialise key =
    let v = box (key.init ()) in
    (* [init] may have grown the array. *)
    let values = get_array () in
    set_if_unset values key.index v;
    Obj.obj values.(key.index)

  let get (key : 'a key) : 'a =
    let v = (array_with key.index).(key.index) in
    if v != unset then Obj.obj v else initialise key

  type binding = Binding : 'a key * 'a -> binding

  let bindings_for_child () =
    List.map
      (fun (Inherited (key, split)) -> Binding (key, split (get key)))
      (Atomic.get inherited_keys)

  let restore bindings =
    List.iter (fun (Binding (key, v)) -> set key v) bindings
end

(* Before the first spawn *)

let spawned = Atomic.make false
let first_spawn_actions = ref (fun () -> ())

let before_first_spawn f =
  if Atomic.get spawned then
    invalid_arg "first domain already spawned"
  else begin
    let earlier = !first_spawn_actions in
    first_spawn_actions := (fun () -> earlier (); f ())
  end

let run_first_spawn_actions () =
  if not (Atomic.get spawned) then begin
    Atomic.set spawned true;
    !first_spawn_actions ();
    first_spawn_actions := ignore
  end

(* At exit: the function registered last runs first. *)

let exit_actions : (unit -> unit) DLS.key = DLS.new_key (fun () -> ignore)

let at_exit f =
  let later = DLS.get exit_actions in
  DLS.set exit_actions (fun () -> f (); later ())

let run_exit_actions () = (DLS.get exit_actions) ()
let () = Stdlib.do_domain_local_at_exit := run_exit_actions

let spawn f =
  run_first_spawn_actions ();
  let bindings = DLS.bindings_for_child () in
  let body () =
    match
      DLS.init_domain ();
      DLS.restore bindings;
      f ()
    with
    | result -> run_exit_actions (); result
    | exception exn ->
        (* The exception of [f] is the one to report. *)
        (try run_exit_actions () with _ -> ());
        raise exn
  in
  let outcome =
    { state = Running;
      mutex = Mutex.create ();
      finished = Condition.create () }
  in
  { id = spawn_raw body outcome; outcome }

let join { outcome; _ } =
  let rec wait () =
    match outcome.state with
    | Finished result -> result
    | Running ->
        Condition.wait outcome.finished outcome.mutex;
        wait ()
  in
  match Mutex.protect outcome.mutex wait with
  | Ok result -> result
  | Error exn -> raise exn
