(* Maps: binary search trees, balanced by height as those of [Set]. *)

module type OrderedType = sig
  type t
  val compare : t -> t -> int
end

module type S = sig
  type key

  type !+'a t
  val empty : 'a t
  val add : key -> 'a -> 'a t -> 'a t
  val add_to_list : key -> 'a -> 'a list t -> 'a list t
  val update : key -> ('a option -> 'a option) -> 'a t -> 'a t
  val singleton : key -> 'a -> 'a t
  val remove : key -> 'a t -> 'a t
  val merge : (key -> 'a option -> 'b option -> 'c option) -> 'a t -> 'b t ->
      'c t
  val union : (key -> 'a -> 'a -> 'a option) -> 'a t -> 'a t -> 'a t
  val cardinal : 'a t -> int
  val bindings : 'a t -> (key * 'a) list
  val min_binding : 'a t -> (key * 'a)
  val min_binding_opt : 'a t -> (key * 'a) option
  val max_binding : 'a t -> (key * 'a)
  val max_binding_opt : 'a t -> (key * 'a) option
  val choose : 'a t -> (key * 'a)
  val choose_opt : 'a t -> (key * 'a) option
  val find : key -> 'a t -> 'a
  val find_opt : key -> 'a t -> 'a option
  val find_first : (key -> bool) -> 'a t -> key * 'a
  val find_first_opt : (key -> bool) -> 'a t -> (key * 'a) option
  val find_last : (key -> bool) -> 'a t -> key * 'a
  val find_last_opt : (key -> bool) -> 'a t -> (key * 'a) option
  val iter : (key -> 'a -> unit) -> 'a t -> unit
  val fold : (key -> 'a -> 'acc -> 'acc) -> 'a t -> 'acc -> 'acc
  val map : ('a -> 'b) -> 'a t -> 'b t
  val mapi : (key -> 'a -> 'b) -> 'a t -> 'b t
  val filter : (key -> 'a -> bool) -> 'a t -> 'a t
  val filter_map : (key -> 'a -> 'b option) -> 'a t -> 'b t
  val partition : (key -> 'a -> bool) -> 'a t -> 'a t * 'a t
  val split : key -> 'a t -> 'a t * 'a option * 'a t
  val is_empty : 'a t -> bool
  val mem : key -> 'a t -> bool
  val equal : ('a -> 'a -> bool) -> 'a t -> 'a t -> bool
  val compare : ('a -> 'a -> int) -> 'a t -> 'a t -> int
  val for_all : (key -> 'a -> bool) -> 'a t -> bool
  val exists : (key -> 'a -> bool) -> 'a t -> bool
  val to_list : 'a t -> (key * 'a) list
  val of_list : (key * 'a) list -> 'a t
  val to_seq : 'a t -> (key * 'a) Seq.t
  val to_rev_seq : 'a t -> (key * 'a) Seq.t
  val to_seq_from : key -> 'a t -> (key * 'a) Seq.t
  val add_seq : (key * 'a) Seq.t -> 'a t -> 'a t
  val of_seq : (key * 'a) Seq.t -> 'a t
end

module Make (Ord : OrderedType) = struct
  type key = Ord.t

  type 'a t =
    | Empty
    | Node of { l : 'a t; v : key; d : 'a; r : 'a t; h : int }

  (* Trees. *)

  let[@inline] height = function Empty -> 0 | Node { h; _ } -> h

  (* The node of two subtrees whose heights differ by at most 2. *)
  let[@inline] node l v d r =
    let hl = height l and hr = height r in
    Node { l; v; d; r; h = (if hl >= hr then hl else hr) + 1 }

  (* The same for a difference of at most 3: at most one rotation, simple or
     double. *)
  let bal l v d r =
    let hl = height l and hr = height r in
    if hl > hr + 2 then
      match l with
      | Empty -> invalid_arg "Map.bal"
      | Node { l = ll; v = lv; d = ld; r = lr; _ } ->
        if height ll >= height lr then node ll lv ld (node lr v d r)
        else match lr with
          | Empty -> invalid_arg "Map.bal"
          | Node { l = lrl; v = lrv; d = lrd; r = lrr; _ } ->
            node (node ll lv ld lrl) lrv lrd (node lrr v d r)
    else if hr > hl + 2 then
      match r with
      | Empty -> invalid_arg "Map.bal"
      | Node { l = rl; v = rv; d = rd; r = rr; _ } ->
        if height rr >= height rl then node (node l v d rl) rv rd rr
        else match rl with
          | Empty -> invalid_arg "Map.bal"
          | Node { l = rll; v = rlv; d = rld; r = rlr; _ } ->
            node (node l v d rll) rlv rld (node rlr rv rd rr)
    else Node { l; v; d; r; h = (if hl >= hr then hl else hr) + 1 }

  let empty = Empty
  let is_empty = function Empty -> true | Node _ -> false
  let singleton v d = Node { l = Empty; v; d; r = Empty; h = 1 }

  let rec add x data = function
    | Empty -> singleton x data
    | Node { l; v; d; r; h } as m ->
      let c = Ord.compare x v in
      if c = 0 then
        if d == data then m else Node { l; v = x; d = data; r; h }
      else if c < 0 then
        let l' = add x data l in
        if l' == l then m else bal l' v d r
      else
        let r' = add x data r in
        if r' == r then m else bal l v d r'

  (* Addition of a key known to be below, or above, all others. *)

  let rec add_first x data = function
    | Empty -> singleton x data
    | Node { l; v; d; r; _ } -> bal (add_first x data l) v d r

  let rec add_last x data = function
    | Empty -> singleton x data
    | Node { l; v; d; r; _ } -> bal l v d (add_last x data r)

  (* The node of two subtrees of any heights. *)
  let rec join l v d r =
    match l, r with
    | Empty, _ -> add_first v d r
    | _, Empty -> add_last v d l
    | Node { l = ll; v = lv; d = ld; r = lr; h = hl },
      Node { l = rl; v = rv; d = rd; r = rr; h = hr } ->
      if hl > hr + 2 then bal ll lv ld (join lr v d r)
      else if hr > hl + 2 then bal (join l v d rl) rv rd rr
      else node l v d r

  (* Extrema. *)

  let rec min_binding = function
    | Empty -> raise Not_found
    | Node { l = Empty; v; d; _ } -> (v, d)
    | Node { l; _ } -> min_binding l

  let rec min_binding_opt = function
    | Empty -> None
    | Node { l = Empty; v; d; _ } -> Some (v, d)
    | Node { l; _ } -> min_binding_opt l

  let rec max_binding = function
    | Empty -> raise Not_found
    | Node { v; d; r = Empty; _ } -> (v, d)
    | Node { r; _ } -> max_binding r

  let rec max_binding_opt = function
    | Empty -> None
    | Node { v; d; r = Empty; _ } -> Some (v, d)
    | Node { r; _ } -> max_binding_opt r

  let choose = min_binding
  let choose_opt = min_binding_opt

  let rec remove_first = function
    | Empty -> invalid_arg "Map.remove_min_elt"
    | Node { l = Empty; r; _ } -> r
    | Node { l; v; d; r; _ } -> bal (remove_first l) v d r

  (* Two trees, all of the first below all of the second, as one: of heights
     that differ by at most 2, and of any heights. *)

  let glue l r =
    match l, r with
    | Empty, m | m, Empty -> m
    | Node _, Node _ ->
      let v, d = min_binding r in
      bal l v d (remove_first r)

  let concat l r =
    match l, r with
    | Empty, m | m, Empty -> m
    | Node _, Node _ ->
      let v, d = min_binding r in
      join l v d (remove_first r)

  (* The same, with or without a binding in the middle. *)
  let join_opt l v d r =
    match d with
    | None -> concat l r
    | Some d -> join l v d r

  let rec remove x = function
    | Empty -> Empty
    | Node { l; v; d; r; _ } as m ->
      let c = Ord.compare x v in
      if c = 0 then glue l r
      else if c < 0 then
        let l' = remove x l in
        if l' == l then m else bal l' v d r
      else
        let r' = remove x r in
        if r' == r then m else bal l v d r'

  let rec update x f = function
    | Empty ->
      begin match f None with
      | None -> Empty
      | Some data -> singleton x data
      end
    | Node { l; v; d; r; h } as m ->
      let c = Ord.compare x v in
      if c = 0 then
        match f (Some d) with
        | None -> glue l r
        | Some data ->
          if d == data then m else Node { l; v = x; d = data; r; h }
      else if c < 0 then
        let l' = update x f l in
        if l' == l then m else bal l' v d r
      else
        let r' = update x f r in
        if r' == r then m else bal l v d r'

  let add_to_list x data m =
    let prepend = function None -> Some [data] | Some l -> Some (data :: l) in
    update x prepend m

  (* Look-up. *)

  let rec find x = function
    | Empty -> raise Not_found
    | Node { l; v; d; r; _ } ->
      let c = Ord.compare x v in
      if c = 0 then d else find x (if c < 0 then l else r)

  let rec find_opt x = function
    | Empty -> None
    | Node { l; v; d; r; _ } ->
      let c = Ord.compare x v in
      if c = 0 then Some d else find_opt x (if c < 0 then l else r)

  let rec mem x = function
    | Empty -> false
    | Node { l; v; r; _ } ->
      let c = Ord.compare x v in
      c = 0 || mem x (if c < 0 then l else r)

  (* Of a monotonic predicate, the binding of the least key that satisfies it,
     [v0] being one that does; and of the greatest, of a decreasing one. *)

  let rec first_below v0 d0 p = function
    | Empty -> (v0, d0)
    | Node { l; v; d; r; _ } ->
      if p v then first_below v d p l else first_below v0 d0 p r

  let rec find_first p = function
    | Empty -> raise Not_found
    | Node { l; v; d; r; _ } ->
      if p v then first_below v d p l else find_first p r

  let rec find_first_opt p = function
    | Empty -> None
    | Node { l; v; d; r; _ } ->
      if p v then Some (first_below v d p l) else find_first_opt p r

  let rec last_above v0 d0 p = function
    | Empty -> (v0, d0)
    | Node { l; v; d; r; _ } ->
      if p v then last_above v d p r else last_above v0 d0 p l

  let rec find_last p = function
    | Empty -> raise Not_found
    | Node { l; v; d; r; _ } ->
      if p v then last_above v d p r else find_last p l

  let rec find_last_opt p = function
    | Empty -> None
    | Node { l; v; d; r; _ } ->
      if p v then Some (last_above v d p r) else find_last_opt p l

  (* Traversal. *)

  let rec iter f = function
    | Empty -> ()
    | Node { l; v; d; r; _ } ->
      iter f l;
      f v d;
      iter f r

  let rec fold f m acc =
    match m with
    | Empty -> acc
    | Node { l; v; d; r; _ } -> fold f r (f v d (fold f l acc))

  let rec for_all p = function
    | Empty -> true
    | Node { l; v; d; r; _ } -> p v d && for_all p l && for_all p r

  let rec exists p = function
    | Empty -> false
    | Node { l; v; d; r; _ } -> p v d || exists p l || exists p r

  let rec cardinal = function
    | Empty -> 0
    | Node { l; r; _ } -> cardinal l + 1 + cardinal r

  let rec prepend m acc =
    match m with
    | Empty -> acc
    | Node { l; v; d; r; _ } -> prepend l ((v, d) :: prepend r acc)

  let bindings m = prepend m []
  let to_list = bindings

  (* Transformation, from left to right. *)

  let rec map f = function
    | Empty -> Empty
    | Node { l; v; d; r; h } ->
      let l = map f l in
      let d = f d in
      let r = map f r in
      Node { l; v; d; r; h }

  let rec mapi f = function
    | Empty -> Empty
    | Node { l; v; d; r; h } ->
      let l = mapi f l in
      let d = f v d in
      let r = mapi f r in
      Node { l; v; d; r; h }

  let rec filter p = function
    | Empty -> Empty
    | Node { l; v; d; r; _ } as m ->
      let l' = filter p l in
      let keep = p v d in
      let r' = filter p r in
      if not keep then concat l' r'
      else if l' == l && r' == r then m
      else join l' v d r'

  let rec filter_map f = function
    | Empty -> Empty
    | Node { l; v; d; r; _ } ->
      let l = filter_map f l in
      let image = f v d in
      let r = filter_map f r in
      join_opt l v image r

  let rec partition p = function
    | Empty -> (Empty, Empty)
    | Node { l; v; d; r; _ } ->
      let l_yes, l_no = partition p l in
      let yes = p v d in
      let r_yes, r_no = partition p r in
      if yes then (join l_yes v d r_yes, concat l_no r_no)
      else (concat l_yes r_yes, join l_no v d r_no)

  (* Operations on two maps: they divide the one by the root of the other. *)

  let rec split x = function
    | Empty -> (Empty, None, Empty)
    | Node { l; v; d; r; _ } ->
      let c = Ord.compare x v in
      if c = 0 then (l, Some d, r)
      else if c < 0 then
        let below, data, above = split x l in
        (below, data, join above v d r)
      else
        let below, data, above = split x r in
        (join l v d below, data, above)

  let rec merge f m1 m2 =
    match m1, m2 with
    | Empty, Empty -> Empty
    | Node { l = l1; v; d; r = r1; h }, _ when h >= height m2 ->
      let l2, d2, r2 = split v m2 in
      join_opt (merge f l1 l2) v (f v (Some d) d2) (merge f r1 r2)
    | _, Node { l = l2; v; d; r = r2; _ } ->
      let l1, d1, r1 = split v m1 in
      join_opt (merge f l1 l2) v (f v d1 (Some d)) (merge f r1 r2)
    | Node _, Empty -> assert false

  let rec union f m1 m2 =
    match m1, m2 with
    | Empty, m | m, Empty -> m
    | Node { l = l1; v = v1; d = d1; r = r1; h = h1 },
      Node { l = l2; v = v2; d = d2; r = r2; h = h2 } ->
      if h1 >= h2 then
        let l2, other, r2 = split v1 m2 in
        let l = union f l1 l2 and r = union f r1 r2 in
        match other with
        | None -> join l v1 d1 r
        | Some d2 -> join_opt l v1 (f v1 d1 d2) r
      else
        let l1, other, r1 = split v2 m1 in
        let l = union f l1 l2 and r = union f r1 r2 in
        match other with
        | None -> join l v2 d2 r
        | Some d1 -> join_opt l v2 (f v2 d1 d2) r

  (* Enumerations: the bindings that remain, in order, of which the first is
     at hand. *)
  type 'a enumeration =
    | End
    | More of key * 'a * 'a t * 'a enumeration

  let rec from_first m rest =
    match m with
    | Empty -> rest
    | Node { l; v; d; r; _ } -> from_first l (More (v, d, r, rest))

  let rec compare_enumerations cmp e1 e2 =
    match e1, e2 with
    | End, End -> 0
    | End, More _ -> -1
    | More _, End -> 1
    | More (v1, d1, r1, e1), More (v2, d2, r2, e2) ->
      let c = Ord.compare v1 v2 in
      if c <> 0 then c
      else
        let c = cmp d1 d2 in
        if c <> 0 then c
        else compare_enumerations cmp (from_first r1 e1) (from_first r2 e2)

  let compare cmp m1 m2 =
    compare_enumerations cmp (from_first m1 End) (from_first m2 End)

  let rec equal_enumerations eq e1 e2 =
    match e1, e2 with
    | End, End -> true
    | End, More _ | More _, End -> false
    | More (v1, d1, r1, e1), More (v2, d2, r2, e2) ->
      Ord.compare v1 v2 = 0
      && eq d1 d2
      && equal_enumerations eq (from_first r1 e1) (from_first r2 e2)

  let equal eq m1 m2 =
    equal_enumerations eq (from_first m1 End) (from_first m2 End)

  (* Lists and sequences. *)

  let of_list l = List.fold_left (fun m (x, data) -> add x data m) empty l
  let add_seq xs m = Seq.fold_left (fun m (x, data) -> add x data m) m xs
  let of_seq xs = add_seq xs empty

  let rec seq_of_enumeration e () =
    match e with
    | End -> Seq.Nil
    | More (v, d, r, e) ->
      Seq.Cons ((v, d), seq_of_enumeration (from_first r e))

  let to_seq m = seq_of_enumeration (from_first m End)

  let rec enumeration_from low m rest =
    match m with
    | Empty -> rest
    | Node { l; v; d; r; _ } ->
      let c = Ord.compare v low in
      if c = 0 then More (v, d, r, rest)
      else if c < 0 then enumeration_from low r rest
      else enumeration_from low l (More (v, d, r, rest))

  let to_seq_from low m = seq_of_enumeration (enumeration_from low m End)

  (* Enumerations backwards hold left subtrees. *)

  let rec from_last m rest =
    match m with
    | Empty -> rest
    | Node { l; v; d; r; _ } -> from_last r (More (v, d, l, rest))

  let rec seq_of_reverse e () =
    match e with
    | End -> Seq.Nil
    | More (v, d, l, e) -> Seq.Cons ((v, d), seq_of_reverse (from_last l e))

  let to_rev_seq m = seq_of_reverse (from_last m End)
end
