(* First-in first-out queues: a singly linked list with its last cell at
   hand. *)

exception Empty

type 'a cell =
  | End
  | Cell of { content : 'a; mutable next : 'a cell }

type 'a t = {
  mutable length : int;
  mutable first : 'a cell;
  mutable last : 'a cell;
}

let create () = { length = 0; first = End; last = End }
let length q = q.length
let is_empty q = q.length = 0

let clear q =
  q.length <- 0;
  q.first <- End;
  q.last <- End

let add x q =
  let cell = Cell { content = x; next = End } in
  begin match q.last with
  | End -> q.first <- cell
  | Cell last -> last.next <- cell
  end;
  q.last <- cell;
  q.length <- q.length + 1

let push = add

let peek q =
  match q.first with
  | End -> raise Empty
  | Cell { content; _ } -> content

let top = peek

let peek_opt q =
  match q.first with
  | End -> None
  | Cell { content; _ } -> Some content

(* Forget the first cell, [next] being that after it. *)
let[@inline] remove_first q next =
  match next with
  | End -> clear q
  | Cell _ ->
    q.length <- q.length - 1;
    q.first <- next

let take q =
  match q.first with
  | End -> raise Empty
  | Cell { content; next } -> remove_first q next; content

let pop = take

let take_opt q =
  match q.first with
  | End -> None
  | Cell { content; next } -> remove_first q next; Some content

let drop q =
  match q.first with
  | End -> raise Empty
  | Cell { next; _ } -> remove_first q next

let rec iter_cells f = function
  | End -> ()
  | Cell { content; next } ->
    f content;
    iter_cells f next

let iter f q = iter_cells f q.first

let rec fold_cells f acc = function
  | End -> acc
  | Cell { content; next } ->
    let acc = f acc content in
    fold_cells f acc next

let fold f acc q = fold_cells f acc q.first

let rec add_cells q = function
  | End -> ()
  | Cell { content; next } ->
    add content q;
    add_cells q next

let copy q =
  let copied = create () in
  add_cells copied q.first;
  copied

(* Constant time: the cells change hands. *)
let transfer q1 q2 =
  if q1.length > 0 then begin
    begin match q2.last with
    | End -> q2.first <- q1.first
    | Cell last -> last.next <- q1.first
    end;
    q2.last <- q1.last;
    q2.length <- q2.length + q1.length;
    clear q1
  end

let rec seq_of_cells cell () =
  match cell with
  | End -> Seq.Nil
  | Cell { content; next } -> Seq.Cons (content, seq_of_cells next)

let to_seq q = seq_of_cells q.first
let add_seq q xs = Seq.iter (fun x -> push x q) xs

let of_seq xs =
  let q = create () in
  add_seq q xs;
  q
