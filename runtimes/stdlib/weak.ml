(* Weak pointers and weak hash sets. *)

type !'a t

module Raw = struct
  external create : int -> 'a t = "caml_weak_create"
  external set : 'a t -> int -> 'a -> unit = "caml_ephe_set_key"
  external unset : 'a t -> int -> unit = "caml_ephe_unset_key"
  external get : 'a t -> int -> 'a option = "caml_weak_get"
  external get_copy : 'a t -> int -> 'a option = "caml_weak_get_copy"
  external check : 'a t -> int -> bool = "caml_weak_check"
  external blit : 'a t -> int -> 'a t -> int -> int -> unit = "caml_weak_blit"
end

(* A weak array is an ephemeron without data: two words come first. *)
let header_words = 2
let max_length = Obj.Ephemeron.max_ephe_length

let create n =
  if n < 0 || n > max_length then invalid_arg "Weak.create";
  Raw.create n

let length a = Obj.size (Obj.repr a) - header_words

let check_index a i caller = if i < 0 || i >= length a then invalid_arg caller

let check_range a ofs len caller =
  if ofs < 0 || len < 0 || ofs > length a - len then invalid_arg caller

let set a i v =
  check_index a i "Weak.set";
  match v with
  | None -> Raw.unset a i
  | Some v -> Raw.set a i v

let get a i = check_index a i "Weak.get"; Raw.get a i
let get_copy a i = check_index a i "Weak.get_copy"; Raw.get_copy a i
let check a i = check_index a i "Weak.check"; Raw.check a i

let blit src i dst j len =
  check_range src i len "Weak.blit";
  check_range dst j len "Weak.blit";
  if len > 0 then Raw.blit src i dst j len

let fill a ofs len v =
  check_range a ofs len "Weak.fill";
  for i = ofs to ofs + len - 1 do set a i v done

module type S = sig
  type data
  type t
  val create : int -> t
  val clear : t -> unit
  val merge : t -> data -> data
  val add : t -> data -> unit
  val remove : t -> data -> unit
  val find : t -> data -> data
  val find_opt : t -> data -> data option
  val find_all : t -> data -> data list
  val mem : t -> data -> bool
  val iter : (data -> unit) -> t -> unit
  val fold : (data -> 'acc -> 'acc) -> t -> 'acc -> 'acc
  val count : t -> int
  val stats : t -> int * int * int * int * int * int
end

type 'a weak_array = 'a t

module Make (H : Hashtbl.HashedType) : S with type data = H.t = struct
  type data = H.t

  (* [hashes] are beside the elements, since those of dead elements could not
     be computed again.  The slot of a dead element is used again.

     A bucket with more than [limit] slots is oversize.  When one appears, a
     few buckets, taken in turn, are compacted; when more than half of the
     buckets are oversize, the table grows. *)
  type bucket = { elements : data weak_array; hashes : int array }

  type t = {
    mutable buckets : bucket array;
    mutable limit : int;
    mutable oversize : int;
    mutable next_to_compact : int;
  }

  let initial_limit = 7
  let buckets_per_step = 3
  let empty = { elements = Raw.create 0; hashes = [||] }

  let make_bucket n =
    if n = 0 then empty
    else { elements = Raw.create n; hashes = Array.make n 0 }

  let create n =
    let n = Int.min (Int.max n 7) Sys.max_array_length in
    { buckets = Array.make n empty;
      limit = initial_limit;
      oversize = 0;
      next_to_compact = 0 }

  let clear t =
    Array.fill t.buckets 0 (Array.length t.buckets) empty;
    t.limit <- initial_limit;
    t.oversize <- 0

  let index t hash = (hash land max_int) mod Array.length t.buckets

  let slots bucket = Array.length bucket.hashes

  let fold f t init =
    let fold_bucket acc { elements; _ } =
      let acc = ref acc in
      for i = 0 to length elements - 1 do
        match Raw.get elements i with
        | Some v -> acc := f v !acc
        | None -> ()
      done;
      !acc
    in
    Array.fold_left fold_bucket init t.buckets

  let iter f t = fold (fun v () -> f v) t ()

  let live { elements; _ } =
    let n = ref 0 in
    for i = 0 to length elements - 1 do
      if Raw.check elements i then incr n
    done;
    !n

  let count t = Array.fold_left (fun n bucket -> n + live bucket) 0 t.buckets

  (* Copying within weak arrays does not make their elements live. *)
  let move src i dst j =
    Raw.blit src.elements i dst.elements j 1;
    dst.hashes.(j) <- src.hashes.(i)

  (* Sizes of buckets: growing by half, and the size before that. *)
  let larger n = Int.min (3 * n / 2 + 3) max_length
  let smaller n = ((n - 3) * 2 + 2) / 3

  (* Reduce the next bucket to the smaller size if its live elements fit. *)
  let compact_one t =
    let i = t.next_to_compact in
    let bucket = t.buckets.(i) in
    let size = slots bucket in
    let reduced = Int.max 0 (smaller size) in
    if size > 0 && live bucket <= reduced then begin
      let target = make_bucket reduced in
      let next = ref 0 in
      for j = 0 to size - 1 do
        if !next < reduced && Raw.check bucket.elements j then begin
          move bucket j target !next;
          incr next
        end
      done;
      t.buckets.(i) <- target;
      if size > t.limit && reduced <= t.limit then
        t.oversize <- t.oversize - 1
    end;
    t.next_to_compact <- (i + 1) mod Array.length t.buckets

  (* Add with [store bucket slot], which writes the element. *)
  let rec add_with t store hash =
    let i = index t hash in
    let bucket = t.buckets.(i) in
    let size = slots bucket in
    let rec free_slot j =
      if j < size && Raw.check bucket.elements j then free_slot (j + 1) else j
    in
    let j = free_slot 0 in
    if j < size then begin
      store bucket j;
      bucket.hashes.(j) <- hash
    end
    else begin
      let grown_size = larger size in
      if grown_size <= size then
        failwith "Weak.Make: hash bucket cannot grow more";
      let grown = make_bucket grown_size in
      if size > 0 then begin
        Raw.blit bucket.elements 0 grown.elements 0 size;
        Array.blit bucket.hashes 0 grown.hashes 0 size
      end;
      store grown size;
      grown.hashes.(size) <- hash;
      t.buckets.(i) <- grown;
      if size <= t.limit && grown_size > t.limit then begin
        t.oversize <- t.oversize + 1;
        for _ = 1 to buckets_per_step do compact_one t done
      end;
      if t.oversize > Array.length t.buckets / 2 then enlarge t
    end

  and enlarge t =
    let n = Array.length t.buckets in
    let enlarged_n = Int.min (3 * n / 2 + 3) Sys.max_array_length in
    if enlarged_n <= n then begin
      t.limit <- max_int;
      t.oversize <- 0
    end
    else begin
      let enlarged = create enlarged_n in
      let transfer bucket =
        for i = 0 to slots bucket - 1 do
          if Raw.check bucket.elements i then begin
            let store target j =
              Raw.blit bucket.elements i target.elements j 1
            in
            add_with enlarged store bucket.hashes.(i)
          end
        done
      in
      Array.iter transfer t.buckets;
      t.buckets <- enlarged.buckets;
      t.limit <- enlarged.limit;
      t.oversize <- enlarged.oversize;
      t.next_to_compact <- t.next_to_compact mod Array.length t.buckets
    end

  let add_hashed t v hash =
    add_with t (fun bucket i -> Raw.set bucket.elements i v) hash

  let add t v = add_hashed t v (H.hash v)

  (* The slot at or after [i] that holds an element equal to [v]. *)
  let rec search bucket hash v i =
    if i >= slots bucket then None
    else if bucket.hashes.(i) <> hash then search bucket hash v (i + 1)
    else
      match Raw.get bucket.elements i with
      | Some found when H.equal found v -> Some (i, found)
      | _ -> search bucket hash v (i + 1)

  let search_first t v =
    let hash = H.hash v in
    search t.buckets.(index t hash) hash v 0

  let find_opt t v = Option.map snd (search_first t v)
  let mem t v = Option.is_some (search_first t v)

  let find t v =
    match search_first t v with
    | Some (_, found) -> found
    | None -> raise Not_found

  let merge t v =
    let hash = H.hash v in
    match search t.buckets.(index t hash) hash v 0 with
    | Some (_, found) -> found
    | None -> add_hashed t v hash; v

  let remove t v =
    let hash = H.hash v in
    let bucket = t.buckets.(index t hash) in
    match search bucket hash v 0 with
    | Some (i, _) -> Raw.unset bucket.elements i
    | None -> ()

  let find_all t v =
    let hash = H.hash v in
    let bucket = t.buckets.(index t hash) in
    let rec collect i found =
      match search bucket hash v i with
      | Some (i, v) -> collect (i + 1) (v :: found)
      | None -> found
    in
    collect 0 []

  let stats t =
    let sizes = Array.map slots t.buckets in
    Array.sort Int.compare sizes;
    let n = Array.length sizes in
    (n, count t, Array.fold_left ( + ) 0 sizes, sizes.(0), sizes.(n / 2),
     sizes.(n - 1))
end
