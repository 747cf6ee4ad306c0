(* Ephemerons, and hash tables whose keys are weak. *)

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
  val length : 'a t -> int
  val stats : 'a t -> Hashtbl.statistics
  val add_seq : 'a t -> (key * 'a) Seq.t -> unit
  val replace_seq : 'a t -> (key * 'a) Seq.t -> unit
  val of_seq : (key * 'a) Seq.t -> 'a t
  val clean : 'a t -> unit
  val stats_alive : 'a t -> Hashtbl.statistics
end

module type SeededS = sig
  type key
  type !'a t
  val create : ?random : bool -> int -> 'a t
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
  val length : 'a t -> int
  val stats : 'a t -> Hashtbl.statistics
  val add_seq : 'a t -> (key * 'a) Seq.t -> unit
  val replace_seq : 'a t -> (key * 'a) Seq.t -> unit
  val of_seq : (key * 'a) Seq.t -> 'a t
  val clean : 'a t -> unit
  val stats_alive : 'a t -> Hashtbl.statistics
end

module Raw = Obj.Ephemeron

(* A weak binding, as the tables see it. *)
module type Binding = sig
  type key
  type 'a t
  val make : key -> 'a -> 'a t
  val hash : int -> key -> int
  val is_alive : 'a t -> bool

  (* [Some] if the binding is alive and its key equal to the one given. *)
  val lookup : 'a t -> key -> 'a option

  (* Bind the key given, equal to the present one, to a value. *)
  val update : 'a t -> key -> 'a -> unit
end

module Table (B : Binding) : SeededS with type key = B.key = struct
  type key = B.key

  type 'a bucket =
    | Empty
    | Cons of { hash : int; binding : 'a B.t; next : 'a bucket }

  (* [size] counts dead bindings too, until they are cleaned. *)
  type 'a t = {
    mutable size : int;
    mutable buckets : 'a bucket array;  (* their number is a power of 2 *)
    seed : int;
    initial_buckets : int;
  }

  let generator =
    Domain.DLS.new_key Random.State.make_self_init

  let rec power_of_2 n wanted =
    if n >= wanted || 2 * n > Sys.max_array_length then n
    else power_of_2 (2 * n) wanted

  let create ?(random = Hashtbl.is_randomized ()) wanted =
    let n = power_of_2 16 wanted in
    let seed =
      if random then Random.State.bits (Domain.DLS.get generator) else 0
    in
    { size = 0; buckets = Array.make n Empty; seed; initial_buckets = n }

  let length t = t.size

  let clear t =
    t.size <- 0;
    Array.fill t.buckets 0 (Array.length t.buckets) Empty

  let reset t =
    if Array.length t.buckets = t.initial_buckets then clear t
    else begin
      t.size <- 0;
      t.buckets <- Array.make t.initial_buckets Empty
    end

  let copy t = { t with buckets = Array.copy t.buckets }

  let index t hash = hash land (Array.length t.buckets - 1)

  let clean t =
    let rec alive = function
      | Empty -> Empty
      | Cons cell when B.is_alive cell.binding ->
          Cons { cell with next = alive cell.next }
      | Cons cell ->
          t.size <- t.size - 1;
          alive cell.next
    in
    Array.iteri (fun i bucket -> t.buckets.(i) <- alive bucket) t.buckets

  (* Order within buckets is kept: the last binding added comes first. *)
  let enlarge t =
    let old = t.buckets in
    let n = 2 * Array.length old in
    if n < Sys.max_array_length then begin
      t.buckets <- Array.make n Empty;
      let rec insert = function
        | Empty -> ()
        | Cons cell ->
            insert cell.next;
            let i = index t cell.hash in
            t.buckets.(i) <- Cons { cell with next = t.buckets.(i) }
      in
      Array.iter insert old
    end

  let grow t =
    clean t;
    if t.size >= Array.length t.buckets / 2 then enlarge t

  let insert t hash key v =
    let i = index t hash in
    t.buckets.(i) <-
      Cons { hash; binding = B.make key v; next = t.buckets.(i) };
    t.size <- t.size + 1;
    if t.size > 2 * Array.length t.buckets then grow t

  let add t key v = insert t (B.hash t.seed key) key v

  let rec find_in bucket hash key =
    match bucket with
    | Empty -> None
    | Cons cell when cell.hash <> hash -> find_in cell.next hash key
    | Cons cell ->
        match B.lookup cell.binding key with
        | None -> find_in cell.next hash key
        | found -> found

  let find_opt t key =
    let hash = B.hash t.seed key in
    find_in t.buckets.(index t hash) hash key

  let find t key =
    match find_opt t key with
    | Some v -> v
    | None -> raise Not_found

  let mem t key = Option.is_some (find_opt t key)

  let find_all t key =
    let hash = B.hash t.seed key in
    let rec collect = function
      | Empty -> []
      | Cons cell when cell.hash <> hash -> collect cell.next
      | Cons cell ->
          match B.lookup cell.binding key with
          | Some v -> v :: collect cell.next
          | None -> collect cell.next
    in
    collect t.buckets.(index t hash)

  (* The dead met on the way are removed too. *)
  let remove t key =
    let hash = B.hash t.seed key in
    let rec without = function
      | Empty -> Empty
      | Cons cell when cell.hash <> hash ->
          Cons { cell with next = without cell.next }
      | Cons cell ->
          if Option.is_some (B.lookup cell.binding key) then begin
            t.size <- t.size - 1;
            cell.next
          end
          else if B.is_alive cell.binding then
            Cons { cell with next = without cell.next }
          else begin
            t.size <- t.size - 1;
            without cell.next
          end
    in
    let i = index t hash in
    t.buckets.(i) <- without t.buckets.(i)

  let replace t key v =
    let hash = B.hash t.seed key in
    let rec update = function
      | Empty -> insert t hash key v
      | Cons cell ->
          if cell.hash = hash && Option.is_some (B.lookup cell.binding key)
          then B.update cell.binding key v
          else update cell.next
    in
    update t.buckets.(index t hash)

  let add_seq t seq = Seq.iter (fun (key, v) -> add t key v) seq
  let replace_seq t seq = Seq.iter (fun (key, v) -> replace t key v) seq

  let of_seq seq =
    let t = create 16 in
    replace_seq t seq;
    t

  (* Statistics of the bindings that [counts] accepts. *)
  let statistics t counts =
    let rec bucket_length n = function
      | Empty -> n
      | Cons cell ->
          bucket_length (if counts cell.binding then n + 1 else n) cell.next
    in
    let lengths = Array.map (bucket_length 0) t.buckets in
    let longest = Array.fold_left Int.max 0 lengths in
    let histogram = Array.make (longest + 1) 0 in
    Array.iter (fun n -> histogram.(n) <- histogram.(n) + 1) lengths;
    { Hashtbl.num_bindings = Array.fold_left ( + ) 0 lengths;
      num_buckets = Array.length t.buckets;
      max_bucket_length = longest;
      bucket_histogram = histogram }

  let stats t =
    { (statistics t (fun _ -> true)) with Hashtbl.num_bindings = t.size }
  let stats_alive t = statistics t B.is_alive
end

(* A table that is not randomised. *)
module Unseeded (T : SeededS) : S with type key = T.key = struct
  include T

  let create n = create ~random:false n

  let of_seq seq =
    let t = create 16 in
    replace_seq t seq;
    t
end

(* From a hash function without seed to one that ignores it. *)
module With_seed (H : Hashtbl.HashedType) = struct
  include H
  let seeded_hash (_ : int) key = H.hash key
end

(* The bindings with one, two and n keys differ in the number of slots; keys
   and data are untyped in the runtime. *)

let typed : Obj.t option -> 'a option = Obj.magic

let key e i : 'k option = typed (Raw.get_key e i)
let set_key e i (k : 'k) = Raw.set_key e i (Obj.repr k)
let data e : 'd option = typed (Raw.get_data e)
let set_data e (d : 'd) = Raw.set_data e (Obj.repr d)

(* The data go first: those of an ephemeron whose keys are unset are kept. *)
let make_raw n v set_keys =
  let e = Raw.create n in
  set_data e v;
  set_keys e;
  e

(* Whether key [i] is alive and satisfies [p]. *)
let key_is e i p =
  match key e i with
  | Some k -> p k
  | None -> false

let rec all_keys e p i = i < 0 || (p i && all_keys e p (i - 1))
let all_alive e = all_keys e (Raw.check_key e) (Raw.length e - 1)

(* Bindings in a list, for [Bucket]. *)
let rec first_some f = function
  | [] -> None
  | x :: rest ->
      match f x with
      | None -> first_some f rest
      | found -> found

let rec remove_first matches = function
  | [] -> []
  | x :: rest -> if matches x then rest else x :: remove_first matches rest

let count_alive bindings =
  List.fold_left (fun n e -> if all_alive e then n + 1 else n) 0 bindings

module K1 = struct
  type ('k, 'd) t = Raw.t

  let make k d : ('k, 'd) t = make_raw 1 d (fun e -> set_key e 0 k)

  let matches (e : ('k, 'd) t) (k : 'k) = key_is e 0 (fun k' -> k' == k)

  let query (e : ('k, 'd) t) (k : 'k) : 'd option =
    if matches e k then data e else None

  module MakeSeeded (H : Hashtbl.SeededHashedType) = Table (struct
    type key = H.t
    type nonrec 'a t = (H.t, 'a) t

    let make = make
    let hash = H.seeded_hash
    let is_alive = all_alive
    let lookup e k = if key_is e 0 (H.equal k) then data e else None
    let update e k d =
      Raw.unset_data e;
      set_key e 0 k;
      set_data e d
  end)

  module Make (H : Hashtbl.HashedType) = Unseeded (MakeSeeded (With_seed (H)))

  module Bucket = struct
    type nonrec ('k, 'd) t = { mutable bindings : ('k, 'd) t list }
    let make () = { bindings = [] }
    let add b k d = b.bindings <- make_raw 1 d (fun e -> set_key e 0 k)
                                  :: b.bindings
    let remove b k =
      b.bindings <- remove_first (fun e -> matches e k) b.bindings
    let find b k = first_some (fun e -> query e k) b.bindings
    let length b = count_alive b.bindings
    let clear b = b.bindings <- []
  end
end

module K2 = struct
  type ('k1, 'k2, 'd) t = Raw.t

  let make k1 k2 d : ('k1, 'k2, 'd) t =
    make_raw 2 d (fun e -> set_key e 0 k1; set_key e 1 k2)

  let matches (e : ('k1, 'k2, 'd) t) (k1 : 'k1) (k2 : 'k2) =
    key_is e 0 (fun k -> k == k1) && key_is e 1 (fun k -> k == k2)

  let query (e : ('k1, 'k2, 'd) t) (k1 : 'k1) (k2 : 'k2) : 'd option =
    if matches e k1 k2 then data e else None

  module MakeSeeded
      (H1 : Hashtbl.SeededHashedType)
      (H2 : Hashtbl.SeededHashedType) = Table (struct
    type key = H1.t * H2.t
    type nonrec 'a t = (H1.t, H2.t, 'a) t

    let make (k1, k2) d = make k1 k2 d

    let hash seed (k1, k2) =
      H1.seeded_hash seed k1 + 65599 * H2.seeded_hash seed k2

    let is_alive = all_alive

    let lookup e (k1, k2) =
      if key_is e 0 (H1.equal k1) && key_is e 1 (H2.equal k2) then data e
      else None

    let update e (k1, k2) d =
      Raw.unset_data e;
      set_key e 0 k1;
      set_key e 1 k2;
      set_data e d
  end)

  module Make (H1 : Hashtbl.HashedType) (H2 : Hashtbl.HashedType) =
    Unseeded (MakeSeeded (With_seed (H1)) (With_seed (H2)))

  module Bucket = struct
    type nonrec ('k1, 'k2, 'd) t = { mutable bindings : ('k1, 'k2, 'd) t list }
    let make () = { bindings = [] }
    let add b k1 k2 d =
      let e = make_raw 2 d (fun e -> set_key e 0 k1; set_key e 1 k2) in
      b.bindings <- e :: b.bindings
    let remove b k1 k2 =
      b.bindings <- remove_first (fun e -> matches e k1 k2) b.bindings
    let find b k1 k2 = first_some (fun e -> query e k1 k2) b.bindings
    let length b = count_alive b.bindings
    let clear b = b.bindings <- []
  end
end

module Kn = struct
  type ('k, 'd) t = Raw.t

  let set_keys e keys = Array.iteri (fun i k -> set_key e i k) keys

  let make keys d : ('k, 'd) t =
    make_raw (Array.length keys) d (fun e -> set_keys e keys)

  let matches_by equal e keys =
    let n = Array.length keys in
    Raw.length e = n
    && all_keys e (fun i -> key_is e i (fun k -> equal keys.(i) k)) (n - 1)

  let matches (e : ('k, 'd) t) (keys : 'k array) = matches_by ( == ) e keys

  let query (e : ('k, 'd) t) (keys : 'k array) : 'd option =
    if matches e keys then data e else None

  module MakeSeeded (H : Hashtbl.SeededHashedType) = Table (struct
    type key = H.t array
    type nonrec 'a t = (H.t, 'a) t

    let make = make

    let hash seed keys =
      Array.fold_left (fun h k -> 65599 * h + H.seeded_hash seed k) 0 keys

    let is_alive = all_alive
    let lookup e keys = if matches_by H.equal e keys then data e else None

    let update e keys d =
      Raw.unset_data e;
      set_keys e keys;
      set_data e d
  end)

  module Make (H : Hashtbl.HashedType) = Unseeded (MakeSeeded (With_seed (H)))

  module Bucket = struct
    type nonrec ('k, 'd) t = { mutable bindings : ('k, 'd) t list }
    let make () = { bindings = [] }
    let add b keys d =
      let n = Array.length keys in
      b.bindings <- make_raw n d (fun e -> set_keys e keys) :: b.bindings
    let remove b keys =
      b.bindings <- remove_first (fun e -> matches e keys) b.bindings
    let find b keys = first_some (fun e -> query e keys) b.bindings
    let length b = count_alive b.bindings
    let clear b = b.bindings <- []
  end
end
