(* Hash tables: arrays of buckets, whose number is a power of two and doubles
   when there are more than two bindings per bucket.

   A bucket holds its bindings from the latest to the oldest, and a resizing
   keeps the order of those of a same key. *)

type ('a, 'b) t = {
  mutable size : int;
  mutable data : ('a, 'b) bucket array;
  seed : int;
  (* The number of buckets to come back to on [reset]; negated while the table
     is traversed, when cells must not be moved. *)
  mutable initial_size : int;
}

and ('a, 'b) bucket =
  | Empty
  | Cons of {
      mutable key : 'a;
      mutable data : 'b;
      mutable next : ('a, 'b) bucket;
    }

(* Tables made by OCaml before 4.00, and unmarshaled, have but the first two
   fields: they were hashed otherwise, and can only be gone through. *)
let[@inline] is_current h = Obj.size (Obj.repr h) >= 4

(* Randomisation. *)

let randomized =
  let parameters =
    match Sys.getenv_opt "OCAMLRUNPARAM" with
    | Some parameters -> parameters
    | None -> Option.value (Sys.getenv_opt "CAMLRUNPARAM") ~default:""
  in
  Atomic.make (String.contains parameters 'R')

let randomize () = Atomic.set randomized true
let is_randomized () = Atomic.get randomized

let generator = Domain.DLS.new_key Random.State.make_self_init
let random_seed () = Random.State.bits (Domain.DLS.get generator)

(* What follows, up to the functors, does not depend on the hash function; the
   functions on polymorphic tables come last, so that the functors cannot use
   them by mistake. *)

let rec bucket_count n wanted =
  if n >= wanted || n * 2 > Sys.max_array_length then n
  else bucket_count (n * 2) wanted

let create ?(random = is_randomized ()) n =
  let count = bucket_count 16 n in
  let seed = if random then random_seed () else 0 in
  { size = 0; data = Array.make count Empty; seed; initial_size = count }

let length h = h.size

let clear h =
  if h.size > 0 then begin
    h.size <- 0;
    Array.fill h.data 0 (Array.length h.data) Empty
  end

let reset h =
  if not (is_current h) || Array.length h.data = abs h.initial_size
  then clear h
  else begin
    h.size <- 0;
    h.data <- Array.make (abs h.initial_size) Empty
  end

(* Buckets may be long: they are copied without recursion on the stack. *)
let rec copy_after last = function
  | Empty -> ()
  | Cons { key; data; next } ->
    let cell = Cons { key; data; next = Empty } in
    begin match last with
    | Empty -> assert false
    | Cons last -> last.next <- cell
    end;
    copy_after cell next

let copy_bucket = function
  | Empty -> Empty
  | Cons { key; data; next } ->
    let first = Cons { key; data; next = Empty } in
    copy_after first next;
    first

let copy h = { h with data = Array.map copy_bucket h.data }

(* Resizing. *)

let is_traversed h = not (is_current h) || h.initial_size < 0

(* Append the cells of a bucket, or copies of them, to those of [data] that
   [index] tells; [last] holds the last cell of each. *)
let rec distribute index ~reuse data last = function
  | Empty -> ()
  | Cons { key; data = value; next } as cell ->
    let cell =
      if reuse then cell else Cons { key; data = value; next = Empty } in
    let i = index key in
    begin match last.(i) with
    | Empty -> data.(i) <- cell
    | Cons last -> last.next <- cell
    end;
    last.(i) <- cell;
    distribute index ~reuse data last next

let distribute_all index ~reuse buckets data =
  let last = Array.make (Array.length data) Empty in
  for i = 0 to Array.length buckets - 1 do
    distribute index ~reuse data last buckets.(i)
  done;
  if reuse then
    for i = 0 to Array.length last - 1 do
      match last.(i) with
      | Empty -> ()
      | Cons last -> last.next <- Empty
    done

let resize key_index h =
  let buckets = h.data in
  let count = Array.length buckets * 2 in
  if count < Sys.max_array_length then begin
    let reuse = not (is_traversed h) in
    (* First, as [key_index] looks at its length. *)
    h.data <- Array.make count Empty;
    distribute_all (key_index h) ~reuse buckets h.data
  end

let[@inline] added key_index h =
  h.size <- h.size + 1;
  if h.size > Array.length h.data * 2 then resize key_index h

(* Traversal. *)

let while_traversed h body =
  if is_traversed h then body h
  else begin
    h.initial_size <- - h.initial_size;
    match body h with
    | result ->
      h.initial_size <- - h.initial_size;
      result
    | exception exn ->
      h.initial_size <- - h.initial_size;
      raise exn
  end

let rec iter_bucket f = function
  | Empty -> ()
  | Cons { key; data; next } ->
    f key data;
    iter_bucket f next

let iter f h =
  while_traversed h (fun h -> Array.iter (iter_bucket f) h.data)

let rec fold_bucket f acc = function
  | Empty -> acc
  | Cons { key; data; next } -> fold_bucket f (f key data acc) next

let fold f h init =
  while_traversed h (fun h -> Array.fold_left (fold_bucket f) init h.data)

(* Link [bucket] after the cell [last] of bucket [i]. *)
let link h i last bucket =
  match last with
  | Empty -> h.data.(i) <- bucket
  | Cons last -> last.next <- bucket

let rec filter_map_bucket f h i last = function
  | Empty -> link h i last Empty
  | Cons ({ key; data; next } as cell) as bucket ->
    match f key data with
    | None ->
      h.size <- h.size - 1;
      filter_map_bucket f h i last next
    | Some data ->
      link h i last bucket;
      cell.data <- data;
      filter_map_bucket f h i bucket next

let filter_map_inplace f h =
  while_traversed h (fun h ->
    for i = 0 to Array.length h.data - 1 do
      filter_map_bucket f h i Empty h.data.(i)
    done)

type statistics = {
  num_bindings : int;
  num_buckets : int;
  max_bucket_length : int;
  bucket_histogram : int array;
}

let rec bucket_length n = function
  | Empty -> n
  | Cons { next; _ } -> bucket_length (n + 1) next

let stats h =
  let lengths = Array.map (bucket_length 0) h.data in
  let longest = Array.fold_left Int.max 0 lengths in
  let histogram = Array.make (longest + 1) 0 in
  Array.iter (fun n -> histogram.(n) <- histogram.(n) + 1) lengths;
  { num_bindings = h.size;
    num_buckets = Array.length h.data;
    max_bucket_length = longest;
    bucket_histogram = histogram }

(* The sequence goes on over the same buckets when the table is resized. *)
let rec seq_from buckets i bucket () =
  match bucket with
  | Cons { key; data; next } -> Seq.Cons ((key, data), seq_from buckets i next)
  | Empty ->
    if i = Array.length buckets then Seq.Nil
    else seq_from buckets (i + 1) buckets.(i) ()

let to_seq h = seq_from h.data 0 Empty
let to_seq_keys h = Seq.map fst (to_seq h)
let to_seq_values h = Seq.map snd (to_seq h)

(* Tables on given hash functions. *)

module type HashedType = sig
  type t
  val equal : t -> t -> bool
  val hash : t -> int
end

module type SeededHashedType = sig
  type t
  val equal : t -> t -> bool
  val seeded_hash : int -> t -> int
end

module type S = sig
  type key
  type !'a t
  val create : int -> 'a t
  val clear : 'a t -> unit
  val reset : 'a t -> unit
  val copy : 'a t -> 'a t
  val add : 'a t -> key -> 'a -> unit
  val remove : 'a t -> key -> unit
  val find : 'a t -> key -> 'a
  val find_opt : 'a t -> key -> 'a option
  val find_all : 'a t -> key -> 'a list
  val replace : 'a t -> key -> 'a -> unit
  val mem : 'a t -> key -> bool
  val iter : (key -> 'a -> unit) -> 'a t -> unit
  val filter_map_inplace : (key -> 'a -> 'a option) -> 'a t -> unit
  val fold : (key -> 'a -> 'acc -> 'acc) -> 'a t -> 'acc -> 'acc
  val length : 'a t -> int
  val stats : 'a t -> statistics
  val to_seq : 'a t -> (key * 'a) Seq.t
  val to_seq_keys : _ t -> key Seq.t
  val to_seq_values : 'a t -> 'a Seq.t
  val add_seq : 'a t -> (key * 'a) Seq.t -> unit
  val replace_seq : 'a t -> (key * 'a) Seq.t -> unit
  val of_seq : (key * 'a) Seq.t -> 'a t
end

module type SeededS = sig
  type key
  type !'a t
  val create : ?random :bool -> int -> 'a t
  val clear : 'a t -> unit
  val reset : 'a t -> unit
  val copy : 'a t -> 'a t
  val add : 'a t -> key -> 'a -> unit
  val remove : 'a t -> key -> unit
  val find : 'a t -> key -> 'a
  val find_opt : 'a t -> key -> 'a option
  val find_all : 'a t -> key -> 'a list
  val replace : 'a t -> key -> 'a -> unit
  val mem : 'a t -> key -> bool
  val iter : (key -> 'a -> unit) -> 'a t -> unit
  val filter_map_inplace : (key -> 'a -> 'a option) -> 'a t -> unit
  val fold : (key -> 'a -> 'acc -> 'acc) -> 'a t -> 'acc -> 'acc
  val length : 'a t -> int
  val stats : 'a t -> statistics
  val to_seq : 'a t -> (key * 'a) Seq.t
  val to_seq_keys : _ t -> key Seq.t
  val to_seq_values : 'a t -> 'a Seq.t
  val add_seq : 'a t -> (key * 'a) Seq.t -> unit
  val replace_seq : 'a t -> (key * 'a) Seq.t -> unit
  val of_seq : (key * 'a) Seq.t -> 'a t
end

(* In the following functions, accesses to buckets need no check: an index is
   below the length of the array that it was computed from. *)

module MakeSeeded (H : SeededHashedType) = struct
  type key = H.t
  type 'a hashtbl = (key, 'a) t
  type 'a t = 'a hashtbl

  let create = create
  let clear = clear
  let reset = reset
  let copy = copy
  let iter = iter
  let filter_map_inplace = filter_map_inplace
  let fold = fold
  let length = length
  let stats = stats
  let to_seq = to_seq
  let to_seq_keys = to_seq_keys
  let to_seq_values = to_seq_values

  let key_index h key =
    H.seeded_hash h.seed key land (Array.length h.data - 1)

  let[@inline] bucket h key =
    let hash = H.seeded_hash h.seed key in
    let buckets = h.data in
    Array.unsafe_get buckets (hash land (Array.length buckets - 1))

  let add h key data =
    let hash = H.seeded_hash h.seed key in
    let buckets = h.data in
    let i = hash land (Array.length buckets - 1) in
    Array.unsafe_set buckets i
      (Cons { key; data; next = Array.unsafe_get buckets i });
    added key_index h

  let rec remove_in h i key last = function
    | Empty -> ()
    | Cons { key = k; next; _ } as cell ->
      if H.equal k key then begin
        h.size <- h.size - 1;
        link h i last next
      end
      else remove_in h i key cell next

  let remove h key =
    let i = key_index h key in
    remove_in h i key Empty h.data.(i)

  let rec find_in key = function
    | Empty -> raise Not_found
    | Cons { key = k; data; next } ->
      if H.equal key k then data else find_in key next

  let find h key = find_in key (bucket h key)

  let rec find_opt_in key = function
    | Empty -> None
    | Cons { key = k; data; next } ->
      if H.equal key k then Some data else find_opt_in key next

  let find_opt h key = find_opt_in key (bucket h key)

  let[@tail_mod_cons] rec find_all_in key = function
    | Empty -> []
    | Cons { key = k; data; next } ->
      if H.equal k key then data :: find_all_in key next
      else find_all_in key next

  let find_all h key = find_all_in key (bucket h key)

  let rec mem_in key = function
    | Empty -> false
    | Cons { key = k; next; _ } -> H.equal k key || mem_in key next

  let mem h key = mem_in key (bucket h key)

  (* Whether there was a binding to replace. *)
  let rec replace_in key data = function
    | Empty -> false
    | Cons ({ key = k; next; _ } as cell) ->
      if H.equal k key then begin
        cell.key <- key;
        cell.data <- data;
        true
      end
      else replace_in key data next

  let replace h key data =
    let i = key_index h key in
    let bucket = h.data.(i) in
    if not (replace_in key data bucket) then begin
      h.data.(i) <- Cons { key; data; next = bucket };
      added key_index h
    end

  let add_seq h bindings =
    Seq.iter (fun (key, data) -> add h key data) bindings

  let replace_seq h bindings =
    Seq.iter (fun (key, data) -> replace h key data) bindings

  let of_seq bindings =
    let h = create 16 in
    replace_seq h bindings;
    h
end

module Make (H : HashedType) = struct
  include MakeSeeded (struct
    type t = H.t
    let equal = H.equal
    let seeded_hash (_ : int) key = H.hash key
  end)

  (* The seed being unused. *)
  let create n = create ~random:false n

  let of_seq bindings =
    let h = create 16 in
    replace_seq h bindings;
    h
end

(* Tables on polymorphic hashing and comparison. *)

external seeded_hash_param : int -> int -> int -> 'a -> int
  = "caml_hash" [@@noalloc]

let hash x = seeded_hash_param 10 100 0 x
let seeded_hash seed x = seeded_hash_param 10 100 seed x
let hash_param meaningful total x = seeded_hash_param meaningful total 0 x

external is_immediate : 'a -> bool = "%obj_is_int"

(* That [compare] gives 0, which it does for one and the same value, and not
   for two different immediate ones. *)
let[@inline] same k1 k2 =
  k1 == k2
  || not (is_immediate k1 && is_immediate k2) && compare k1 k2 = 0

let unsupported () = invalid_arg "Hashtbl: unsupported hash table format"

let[@inline] index_in buckets h key =
  if not (is_current h) then unsupported ();
  seeded_hash_param 10 100 h.seed key land (Array.length buckets - 1)

let key_index h key = index_in h.data h key

let[@inline] bucket h key =
  let buckets = h.data in
  Array.unsafe_get buckets (index_in buckets h key)

let add h key data =
  let buckets = h.data in
  let i = index_in buckets h key in
  Array.unsafe_set buckets i
    (Cons { key; data; next = Array.unsafe_get buckets i });
  added key_index h

let rec remove_in h i key last = function
  | Empty -> ()
  | Cons { key = k; next; _ } as cell ->
    if same k key then begin
      h.size <- h.size - 1;
      link h i last next
    end
    else remove_in h i key cell next

let remove h key =
  let i = key_index h key in
  remove_in h i key Empty h.data.(i)

let rec find_in key = function
  | Empty -> raise Not_found
  | Cons { key = k; data; next } ->
    if same key k then data else find_in key next

let find h key = find_in key (bucket h key)

let rec find_opt_in key = function
  | Empty -> None
  | Cons { key = k; data; next } ->
    if same key k then Some data else find_opt_in key next

let find_opt h key = find_opt_in key (bucket h key)

let[@tail_mod_cons] rec find_all_in key = function
  | Empty -> []
  | Cons { key = k; data; next } ->
    if same k key then data :: find_all_in key next else find_all_in key next

let find_all h key = find_all_in key (bucket h key)

let rec mem_in key = function
  | Empty -> false
  | Cons { key = k; next; _ } -> same k key || mem_in key next

let mem h key = mem_in key (bucket h key)

let rec replace_in key data = function
  | Empty -> false
  | Cons ({ key = k; next; _ } as cell) ->
    if same k key then begin
      cell.key <- key;
      cell.data <- data;
      true
    end
    else replace_in key data next

let replace h key data =
  let i = key_index h key in
  let bucket = h.data.(i) in
  if not (replace_in key data bucket) then begin
    h.data.(i) <- Cons { key; data; next = bucket };
    added key_index h
  end

let add_seq h bindings =
  Seq.iter (fun (key, data) -> add h key data) bindings

let replace_seq h bindings =
  Seq.iter (fun (key, data) -> replace h key data) bindings

let of_seq bindings =
  let h = create 16 in
  replace_seq h bindings;
  h

let rebuild ?(random = is_randomized ()) h =
  let count = bucket_count 16 (Array.length h.data) in
  let seed =
    if random then random_seed () else if is_current h then h.seed else 0 in
  let initial_size = if is_current h then h.initial_size else count in
  let rebuilt =
    { size = h.size; data = Array.make count Empty; seed; initial_size } in
  distribute_all (key_index rebuilt) ~reuse:false h.data rebuilt.data;
  rebuilt
