(* Domains: parallel sums, atomics, mutexes and conditions, exceptions through join, domain-local storage, allocation in parallel. *)

let () =
  let sum a b = let rec go i acc = if i > b then acc else go (i + 1) (acc + i) in go a 0 in
  let parts = List.init 4 (fun i -> Domain.spawn (fun () -> sum (i * 1000) ((i * 1000) + 999))) in
  Printf.printf "%d\n" (List.fold_left (fun acc d -> acc + Domain.join d) 0 parts);
  let counter = Atomic.make 0 in
  let workers = List.init 3 (fun _ -> Domain.spawn (fun () -> for _ = 1 to 10_000 do Atomic.incr counter done)) in
  List.iter Domain.join workers;
  Printf.printf "%d\n" (Atomic.get counter);
  Printf.printf "%b %b\n" (Atomic.compare_and_set counter 30_000 1) (Atomic.compare_and_set counter 30_000 2);
  let mutex = Mutex.create () and condition = Condition.create () and queue = Queue.create () in
  let consumer = Domain.spawn (fun () ->
      let rec loop acc =
        Mutex.lock mutex;
        while Queue.is_empty queue do Condition.wait condition mutex done;
        let x = Queue.pop queue in
        Mutex.unlock mutex;
        if x < 0 then acc else loop (acc + x)
      in
      loop 0)
  in
  List.iter (fun x -> Mutex.protect mutex (fun () -> Queue.push x queue; Condition.signal condition)) (List.init 100 Fun.id @ [ -1 ]);
  Printf.printf "%d\n" (Domain.join consumer);
  (match Domain.join (Domain.spawn (fun () -> failwith "in domain")) with
  | () -> print_endline "wrong"
  | exception Failure m -> print_endline m);
  (* The stack of another domain grows too. *)
  let rec depth n = if n = 0 then 0 else 1 + depth (n - 1) in
  Printf.printf "%d\n" (Domain.join (Domain.spawn (fun () -> depth 100_000)));
  let key = Domain.DLS.new_key (fun () -> 7) in
  Domain.DLS.set key 1;
  let inner = Domain.join (Domain.spawn (fun () -> Domain.DLS.get key)) in
  Printf.printf "%d %d\n" inner (Domain.DLS.get key);
  let rec tree n = if n = 0 then [] else [ n ] :: tree (n - 1) in
  let lengths = List.init 2 (fun _ -> Domain.spawn (fun () ->
      let total = ref 0 in
      for _ = 1 to 100 do total := !total + List.length (tree 1000) done;
      Gc.full_major ();
      !total)) in
  Printf.printf "%s\n" (String.concat " " (List.map (fun d -> string_of_int (Domain.join d)) lengths));
  Printf.printf "%b\n" (Domain.is_main_domain ())
