(* Sets: binary search trees, balanced by height.

   The heights of the two subtrees of a node differ by at most 2, which makes
   for less rebalancing than the difference of 1 of AVL trees. *)

module type OrderedType = sig
  type t
  val compare : t -> t -> int
end

module type S = sig
  type elt

  type t
  val empty : t
  val add : elt -> t -> t
  val singleton : elt -> t
  val remove : elt -> t -> t
  val union : t -> t -> t
  val inter : t -> t -> t
  val disjoint : t -> t -> bool
  val diff : t -> t -> t
  val cardinal : t -> int
  val elements : t -> elt list
  val min_elt : t -> elt
  val min_elt_opt : t -> elt option
  val max_elt : t -> elt
  val max_elt_opt : t -> elt option
  val choose : t -> elt
  val choose_opt : t -> elt option
  val find : elt -> t -> elt
  val find_opt : elt -> t -> elt option
  val find_first : (elt -> bool) -> t -> elt
  val find_first_opt : (elt -> bool) -> t -> elt option
  val find_last : (elt -> bool) -> t -> elt
  val find_last_opt : (elt -> bool) -> t -> elt option
  val iter : (elt -> unit) -> t -> unit
  val fold : (elt -> 'acc -> 'acc) -> t -> 'acc -> 'acc
  val map : (elt -> elt) -> t -> t
  val filter : (elt -> bool) -> t -> t
  val filter_map : (elt -> elt option) -> t -> t
  val partition : (elt -> bool) -> t -> t * t
  val split : elt -> t -> t * bool * t
  val is_empty : t -> bool
  val mem : elt -> t -> bool
  val equal : t -> t -> bool
  val compare : t -> t -> int
  val subset : t -> t -> bool
  val for_all : (elt -> bool) -> t -> bool
  val exists : (elt -> bool) -> t -> bool
  val to_list : t -> elt list
  val of_list : elt list -> t
  val to_seq_from : elt -> t -> elt Seq.t
  val to_seq : t -> elt Seq.t
  val to_rev_seq : t -> elt Seq.t
  val add_seq : elt Seq.t -> t -> t
  val of_seq : elt Seq.t -> t
end

module Make (Ord : OrderedType) = struct
  type elt = Ord.t

  type t =
    | Empty
    | Node of { l : t; v : elt; r : t; h : int }

  (* Trees. *)

  let[@inline] height = function Empty -> 0 | Node { h; _ } -> h

  (* The node of two subtrees of which the invariant holds together. *)
  let[@inline] node l v r =
    let hl = height l and hr = height r in
    Node { l; v; r; h = (if hl >= hr then hl else hr) + 1 }

  (* The same, one of the subtrees being possibly one element ahead or behind:
     at most one rotation, simple or double. *)
  let bal l v r =
    let hl = height l and hr = height r in
    if hl > hr + 2 then
      match l with
      | Empty -> invalid_arg "Set.bal"
      | Node { l = ll; v = lv; r = lr; _ } ->
        if height ll >= height lr then node ll lv (node lr v r)
        else match lr with
          | Empty -> invalid_arg "Set.bal"
          | Node { l = lrl; v = lrv; r = lrr; _ } ->
            node (node ll lv lrl) lrv (node lrr v r)
    else if hr > hl + 2 then
      match r with
      | Empty -> invalid_arg "Set.bal"
      | Node { l = rl; v = rv; r = rr; _ } ->
        if height rr >= height rl then node (node l v rl) rv rr
        else match rl with
          | Empty -> invalid_arg "Set.bal"
          | Node { l = rll; v = rlv; r = rlr; _ } ->
            node (node l v rll) rlv (node rlr rv rr)
    else Node { l; v; r; h = (if hl >= hr then hl else hr) + 1 }

  let empty = Empty
  let is_empty = function Empty -> true | Node _ -> false
  let singleton v = Node { l = Empty; v; r = Empty; h = 1 }

  let rec add x = function
    | Empty -> singleton x
    | Node { l; v; r; _ } as s ->
      let c = Ord.compare x v in
      if c = 0 then s
      else if c < 0 then
        let l' = add x l in
        if l' == l then s else bal l' v r
      else
        let r' = add x r in
        if r' == r then s else bal l v r'

  (* Addition of an element known to be below, or above, all others. *)

  let rec add_first x = function
    | Empty -> singleton x
    | Node { l; v; r; _ } -> bal (add_first x l) v r

  let rec add_last x = function
    | Empty -> singleton x
    | Node { l; v; r; _ } -> bal l v (add_last x r)

  (* The node of two subtrees of any heights. *)
  let rec join l v r =
    match l, r with
    | Empty, _ -> add_first v r
    | _, Empty -> add_last v l
    | Node { l = ll; v = lv; r = lr; h = hl },
      Node { l = rl; v = rv; r = rr; h = hr } ->
      if hl > hr + 2 then bal ll lv (join lr v r)
      else if hr > hl + 2 then bal (join l v rl) rv rr
      else node l v r

  (* Extrema. *)

  let rec min_elt = function
    | Empty -> raise Not_found
    | Node { l = Empty; v; _ } -> v
    | Node { l; _ } -> min_elt l

  let rec min_elt_opt = function
    | Empty -> None
    | Node { l = Empty; v; _ } -> Some v
    | Node { l; _ } -> min_elt_opt l

  let rec max_elt = function
    | Empty -> raise Not_found
    | Node { v; r = Empty; _ } -> v
    | Node { r; _ } -> max_elt r

  let rec max_elt_opt = function
    | Empty -> None
    | Node { v; r = Empty; _ } -> Some v
    | Node { r; _ } -> max_elt_opt r

  let choose = min_elt
  let choose_opt = min_elt_opt

  let rec remove_first = function
    | Empty -> invalid_arg "Set.remove_min_elt"
    | Node { l = Empty; r; _ } -> r
    | Node { l; v; r; _ } -> bal (remove_first l) v r

  (* Two trees, all of the first below all of the second, as one: of heights
     that differ by at most 2, and of any heights. *)

  let glue l r =
    match l, r with
    | Empty, s | s, Empty -> s
    | Node _, Node _ -> bal l (min_elt r) (remove_first r)

  let concat l r =
    match l, r with
    | Empty, s | s, Empty -> s
    | Node _, Node _ -> join l (min_elt r) (remove_first r)

  let rec remove x = function
    | Empty -> Empty
    | Node { l; v; r; _ } as s ->
      let c = Ord.compare x v in
      if c = 0 then glue l r
      else if c < 0 then
        let l' = remove x l in
        if l' == l then s else bal l' v r
      else
        let r' = remove x r in
        if r' == r then s else bal l v r'

  (* Look-up. *)

  let rec mem x = function
    | Empty -> false
    | Node { l; v; r; _ } ->
      let c = Ord.compare x v in
      c = 0 || mem x (if c < 0 then l else r)

  let rec find x = function
    | Empty -> raise Not_found
    | Node { l; v; r; _ } ->
      let c = Ord.compare x v in
      if c = 0 then v else find x (if c < 0 then l else r)

  let rec find_opt x = function
    | Empty -> None
    | Node { l; v; r; _ } ->
      let c = Ord.compare x v in
      if c = 0 then Some v else find_opt x (if c < 0 then l else r)

  (* Of a monotonic predicate, the least element that satisfies it, [best]
     being one that does; and the greatest of a decreasing one. *)

  let rec first_below best p = function
    | Empty -> best
    | Node { l; v; r; _ } ->
      if p v then first_below v p l else first_below best p r

  let rec find_first p = function
    | Empty -> raise Not_found
    | Node { l; v; r; _ } -> if p v then first_below v p l else find_first p r

  let rec find_first_opt p = function
    | Empty -> None
    | Node { l; v; r; _ } ->
      if p v then Some (first_below v p l) else find_first_opt p r

  let rec last_above best p = function
    | Empty -> best
    | Node { l; v; r; _ } ->
      if p v then last_above v p r else last_above best p l

  let rec find_last p = function
    | Empty -> raise Not_found
    | Node { l; v; r; _ } -> if p v then last_above v p r else find_last p l

  let rec find_last_opt p = function
    | Empty -> None
    | Node { l; v; r; _ } ->
      if p v then Some (last_above v p r) else find_last_opt p l

  (* Operations on two sets: they divide the one by the root of the other. *)

  let rec split x = function
    | Empty -> (Empty, false, Empty)
    | Node { l; v; r; _ } ->
      let c = Ord.compare x v in
      if c = 0 then (l, true, r)
      else if c < 0 then
        let below, present, above = split x l in
        (below, present, join above v r)
      else
        let below, present, above = split x r in
        (join l v below, present, above)

  let rec union s1 s2 =
    match s1, s2 with
    | Empty, s | s, Empty -> s
    | Node { l = l1; v = v1; r = r1; h = h1 },
      Node { l = l2; v = v2; r = r2; h = h2 } ->
      if h1 >= h2 then
        if h2 = 1 then add v2 s1
        else
          let l2, _, r2 = split v1 s2 in
          join (union l1 l2) v1 (union r1 r2)
      else if h1 = 1 then add v1 s2
      else
        let l1, _, r1 = split v2 s1 in
        join (union l1 l2) v2 (union r1 r2)

  let rec inter s1 s2 =
    match s1, s2 with
    | Empty, _ | _, Empty -> Empty
    | Node { l; v; r; _ }, Node _ ->
      let l2, present, r2 = split v s2 in
      if present then join (inter l l2) v (inter r r2)
      else concat (inter l l2) (inter r r2)

  let rec diff s1 s2 =
    match s1, s2 with
    | Empty, _ -> Empty
    | _, Empty -> s1
    | Node { l; v; r; _ }, Node _ ->
      let l2, present, r2 = split v s2 in
      if present then concat (diff l l2) (diff r r2)
      else join (diff l l2) v (diff r r2)

  (* The parts of a set on the two sides of an element that it has not; the
     one above is made only when it is asked for. *)
  type sides =
    | Present
    | Absent of t * (unit -> t)

  let rec sides x = function
    | Empty -> Absent (Empty, fun () -> Empty)
    | Node { l; v; r; _ } ->
      let c = Ord.compare x v in
      if c = 0 then Present
      else if c < 0 then
        match sides x l with
        | Present -> Present
        | Absent (below, above) -> Absent (below, fun () -> join (above ()) v r)
      else
        match sides x r with
        | Present -> Present
        | Absent (below, above) -> Absent (join l v below, above)

  let rec disjoint s1 s2 =
    match s1, s2 with
    | Empty, _ | _, Empty -> true
    | Node { l; v; r; _ }, Node _ ->
      s1 != s2
      && match sides v s2 with
         | Present -> false
         | Absent (below, above) -> disjoint l below && disjoint r (above ())

  let rec subset s1 s2 =
    match s1, s2 with
    | Empty, _ -> true
    | Node _, Empty -> false
    | Node { l = l1; v = v1; r = r1; _ }, Node { l = l2; v = v2; r = r2; _ } ->
      let c = Ord.compare v1 v2 in
      if c = 0 then subset l1 l2 && subset r1 r2
      else if c < 0 then
        (* Heights are not looked at here. *)
        subset (Node { l = l1; v = v1; r = Empty; h = 0 }) l2 && subset r1 s2
      else
        subset (Node { l = Empty; v = v1; r = r1; h = 0 }) r2 && subset l1 s2

  (* Enumerations: the elements that remain, in order, of which the first is
     at hand. *)
  type enumeration =
    | End
    | More of elt * t * enumeration

  let rec from_first s rest =
    match s with
    | Empty -> rest
    | Node { l; v; r; _ } -> from_first l (More (v, r, rest))

  let rec compare_enumerations e1 e2 =
    match e1, e2 with
    | End, End -> 0
    | End, More _ -> -1
    | More _, End -> 1
    | More (v1, r1, e1), More (v2, r2, e2) ->
      let c = Ord.compare v1 v2 in
      if c <> 0 then c
      else compare_enumerations (from_first r1 e1) (from_first r2 e2)

  let compare s1 s2 =
    compare_enumerations (from_first s1 End) (from_first s2 End)

  let equal s1 s2 = compare s1 s2 = 0

  (* Traversal. *)

  let rec iter f = function
    | Empty -> ()
    | Node { l; v; r; _ } ->
      iter f l;
      f v;
      iter f r

  let rec fold f s acc =
    match s with
    | Empty -> acc
    | Node { l; v; r; _ } -> fold f r (f v (fold f l acc))

  let rec for_all p = function
    | Empty -> true
    | Node { l; v; r; _ } -> p v && for_all p l && for_all p r

  let rec exists p = function
    | Empty -> false
    | Node { l; v; r; _ } -> p v || exists p l || exists p r

  let rec cardinal = function
    | Empty -> 0
    | Node { l; r; _ } -> cardinal l + 1 + cardinal r

  let rec prepend s acc =
    match s with
    | Empty -> acc
    | Node { l; v; r; _ } -> prepend l (v :: prepend r acc)

  let elements s = prepend s []
  let to_list = elements

  (* Transformation, from left to right. *)

  let rec filter p = function
    | Empty -> Empty
    | Node { l; v; r; _ } as s ->
      let l' = filter p l in
      let keep = p v in
      let r' = filter p r in
      if not keep then concat l' r'
      else if l' == l && r' == r then s
      else join l' v r'

  let rec partition p = function
    | Empty -> (Empty, Empty)
    | Node { l; v; r; _ } ->
      let l_yes, l_no = partition p l in
      let yes = p v in
      let r_yes, r_no = partition p r in
      if yes then (join l_yes v r_yes, concat l_no r_no)
      else (concat l_yes r_yes, join l_no v r_no)

  (* The order of what a function gave is not known, but often kept. *)

  let join_any l v r =
    if (is_empty l || Ord.compare (max_elt l) v < 0)
       && (is_empty r || Ord.compare v (min_elt r) < 0)
    then join l v r
    else union l (add v r)

  let concat_any l r =
    match l, r with
    | Empty, s | s, Empty -> s
    | Node _, Node _ -> join_any l (min_elt r) (remove_first r)

  let rec map f = function
    | Empty -> Empty
    | Node { l; v; r; _ } as s ->
      let l' = map f l in
      let v' = f v in
      let r' = map f r in
      if l' == l && v' == v && r' == r then s else join_any l' v' r'

  let rec filter_map f = function
    | Empty -> Empty
    | Node { l; v; r; _ } as s ->
      let l' = filter_map f l in
      let image = f v in
      let r' = filter_map f r in
      match image with
      | None -> concat_any l' r'
      | Some v' ->
        if l' == l && v' == v && r' == r then s else join_any l' v' r'

  (* Lists and sequences. *)

  (* A tree of the first [n] elements of a sorted list, and the others. *)
  let rec of_sorted n l =
    match n, l with
    | 0, _ -> (Empty, l)
    | 1, x :: l -> (singleton x, l)
    | _ ->
      match of_sorted (n / 2) l with
      | _, [] -> assert false
      | left, middle :: l ->
        let right, l = of_sorted (n - n / 2 - 1) l in
        (node left middle right, l)

  (* Short lists are not worth the sort. *)
  let of_list = function
    | [] | [_] | [_; _] | [_; _; _] | [_; _; _; _] | [_; _; _; _; _] as l ->
      List.fold_left (fun s x -> add x s) empty l
    | l ->
      let sorted = List.sort_uniq Ord.compare l in
      fst (of_sorted (List.length sorted) sorted)

  let add_seq xs s = Seq.fold_left (fun s x -> add x s) s xs
  let of_seq xs = add_seq xs empty

  let rec seq_of_enumeration e () =
    match e with
    | End -> Seq.Nil
    | More (v, r, e) -> Seq.Cons (v, seq_of_enumeration (from_first r e))

  let to_seq s = seq_of_enumeration (from_first s End)

  let rec enumeration_from low s rest =
    match s with
    | Empty -> rest
    | Node { l; v; r; _ } ->
      let c = Ord.compare v low in
      if c = 0 then More (v, r, rest)
      else if c < 0 then enumeration_from low r rest
      else enumeration_from low l (More (v, r, rest))

  let to_seq_from low s = seq_of_enumeration (enumeration_from low s End)

  (* Enumerations backwards hold left subtrees. *)

  let rec from_last s rest =
    match s with
    | Empty -> rest
    | Node { l; v; r; _ } -> from_last r (More (v, l, rest))

  let rec seq_of_reverse e () =
    match e with
    | End -> Seq.Nil
    | More (v, l, e) -> Seq.Cons (v, seq_of_reverse (from_last l e))

  let to_rev_seq s = seq_of_reverse (from_last s End)
end
