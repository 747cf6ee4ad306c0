(* Priority queues: binary heaps in dynamic arrays.

   No element is less than its parent, the parent of that at index [i] being at
   [(i - 1) / 2].  An element that is moved is written once, at its final
   place. *)

module type OrderedPolyType = sig
  type 'a t
  val compare : 'a t -> 'b t -> int
end

module MakeMinPoly (E : OrderedPolyType) = struct
  type 'a t = 'a E.t Dynarray.t

  let create = Dynarray.create
  let length = Dynarray.length
  let is_empty = Dynarray.is_empty
  let clear = Dynarray.clear
  let copy = Dynarray.copy

  (* Store [x] at [i] or above. *)
  let rec sift_up h i x =
    if i = 0 then Dynarray.set h 0 x
    else
      let parent = (i - 1) / 2 in
      let y = Dynarray.get h parent in
      if E.compare x y < 0 then begin
        Dynarray.set h i y;
        sift_up h parent x
      end
      else Dynarray.set h i x

  (* Store [x] at [i] or below, in a heap of [n] elements. *)
  let rec sift_down h n i x =
    let left = 2 * i + 1 in
    if left >= n then Dynarray.set h i x
    else
      let right = left + 1 in
      let child =
        if right < n
           && E.compare (Dynarray.get h left) (Dynarray.get h right) >= 0
        then right else left in
      let y = Dynarray.get h child in
      if E.compare y x < 0 then begin
        Dynarray.set h i y;
        sift_down h n child x
      end
      else Dynarray.set h i x

  let add h x =
    let i = Dynarray.length h in
    Dynarray.add_last h x;
    if i > 0 then sift_up h i x

  let add_iter h iter xs = iter (fun x -> add h x) xs

  let get_min_elt h =
    if is_empty h then invalid_arg "empty priority queue"
    else Dynarray.get h 0

  let min_elt h = if is_empty h then None else Some (Dynarray.get h 0)

  (* The last element takes the place of the first. *)
  let pop_min h =
    match length h with
    | 0 -> None
    | 1 -> Some (Dynarray.pop_last h)
    | n ->
      let last = Dynarray.pop_last h in
      let first = Dynarray.get h 0 in
      sift_down h (n - 1) 0 last;
      Some first

  let remove_min h =
    match length h with
    | 0 -> ()
    | n ->
      let last = Dynarray.pop_last h in
      if n > 1 then sift_down h (n - 1) 0 last

  (* In linear time, by the algorithm of Floyd: most elements are near the
     leaves. *)
  let heap_of h =
    let n = length h in
    for i = n / 2 - 1 downto 0 do
      sift_down h n i (Dynarray.get h i)
    done;
    h

  let of_array a = heap_of (Dynarray.of_array a)
  let of_list l = heap_of (Dynarray.of_list l)

  let of_iter iter xs =
    let h = create () in
    iter (fun x -> Dynarray.add_last h x) xs;
    heap_of h

  let iter_unordered = Dynarray.iter
  let fold_unordered = Dynarray.fold_left
end

module type MinPoly = sig
  type 'a t
  type 'a elt
  val create : unit ->'a t
  val length : 'a t -> int
  val is_empty : 'a t -> bool
  val add : 'a t -> 'a elt -> unit
  val add_iter : 'a t -> (('a elt -> unit) -> 'x -> unit) -> 'x -> unit
  val min_elt : 'a t -> 'a elt option
  val get_min_elt : 'a t -> 'a elt
  val pop_min : 'a t -> 'a elt option
  val remove_min : 'a t -> unit
  val clear : 'a t -> unit
  val copy : 'a t -> 'a t
  val of_array : 'a elt array -> 'a t
  val of_list : 'a elt list -> 'a t
  val of_iter : (('a elt -> unit) -> 'x -> unit) -> 'x -> 'a t
  val iter_unordered : ('a elt -> unit) -> 'a t -> unit
  val fold_unordered : ('acc -> 'a elt -> 'acc) -> 'acc -> 'a t -> 'acc
end

module type MaxPoly = sig
  type 'a t
  type 'a elt
  val create : unit -> 'a t
  val length : 'a t -> int
  val is_empty : 'a t -> bool
  val add : 'a t -> 'a elt -> unit
  val add_iter : 'a t -> (('a elt -> unit) -> 'x -> unit) -> 'x -> unit
  val max_elt : 'a t -> 'a elt option
  val get_max_elt : 'a t -> 'a elt
  val pop_max : 'a t -> 'a elt option
  val remove_max : 'a t -> unit
  val clear : 'a t -> unit
  val copy : 'a t -> 'a t
  val of_array : 'a elt array -> 'a t
  val of_list : 'a elt list -> 'a t
  val of_iter : (('a elt -> unit) -> 'x -> unit) -> 'x -> 'a t
  val iter_unordered : ('a elt -> unit) -> 'a t -> unit
  val fold_unordered : ('acc -> 'a elt -> 'acc) -> 'acc -> 'a t -> 'acc
end

module MakeMaxPoly (E : OrderedPolyType) = struct
  include MakeMinPoly (struct
    type 'a t = 'a E.t
    let compare x y = E.compare y x
  end)

  let max_elt = min_elt
  let get_max_elt = get_min_elt
  let pop_max = pop_min
  let remove_max = remove_min
end

module type OrderedType = sig
  type t
  val compare : t -> t -> int
end

module type Min = sig
  type t
  type elt
  val create : unit -> t
  val length : t -> int
  val is_empty : t -> bool
  val add : t -> elt -> unit
  val add_iter : t -> ((elt -> unit) -> 'x -> unit) -> 'x -> unit
  val min_elt : t -> elt option
  val get_min_elt : t -> elt
  val pop_min : t -> elt option
  val remove_min : t -> unit
  val clear : t -> unit
  val copy : t -> t
  val of_array : elt array -> t
  val of_list : elt list -> t
  val of_iter : ((elt -> unit) -> 'x -> unit) -> 'x -> t
  val iter_unordered : (elt -> unit) -> t -> unit
  val fold_unordered : ('acc -> elt -> 'acc) -> 'acc -> t -> 'acc
end

module type Max = sig
  type t
  type elt
  val create : unit -> t
  val length : t -> int
  val is_empty : t -> bool
  val add : t -> elt -> unit
  val add_iter : t -> ((elt -> unit) -> 'x -> unit) -> 'x -> unit
  val max_elt : t -> elt option
  val get_max_elt : t -> elt
  val pop_max : t -> elt option
  val remove_max : t -> unit
  val clear : t -> unit
  val copy : t -> t
  val of_array : elt array -> t
  val of_list : elt list -> t
  val of_iter : ((elt -> unit) -> 'x -> unit) -> 'x -> t
  val iter_unordered : (elt -> unit) -> t -> unit
  val fold_unordered : ('acc -> elt -> 'acc) -> 'acc -> t -> 'acc
end

module MakeMin (E : OrderedType) = struct
  include MakeMinPoly (struct
    type 'a t = E.t
    let compare = E.compare
  end)

  type t = E.t Dynarray.t
end

module MakeMax (E : OrderedType) = struct
  include MakeMaxPoly (struct
    type 'a t = E.t
    let compare = E.compare
  end)

  type t = E.t Dynarray.t
end
