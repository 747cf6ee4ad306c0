(* Semaphores: a count of tokens, a mutex that protects it, and a condition
   that signals that it has left zero.  A binary one counts to one. *)

type semaphore = {
  mutex : Mutex.t;
  available : Condition.t;
  mutable count : int;
}

let create count =
  { mutex = Mutex.create (); available = Condition.create (); count }

let acquire s =
  Mutex.lock s.mutex;
  while s.count = 0 do Condition.wait s.available s.mutex done;
  s.count <- s.count - 1;
  Mutex.unlock s.mutex

let try_acquire s =
  Mutex.lock s.mutex;
  let acquired = s.count > 0 in
  if acquired then s.count <- s.count - 1;
  Mutex.unlock s.mutex;
  acquired

module Counting = struct
  type t = semaphore

  let make count =
    if count < 0 then
      invalid_arg "Semaphore.Counting.init: wrong initial value";
    create count

  let release s =
    Mutex.lock s.mutex;
    let overflow = s.count = max_int in
    if not overflow then begin
      s.count <- s.count + 1;
      Condition.signal s.available
    end;
    Mutex.unlock s.mutex;
    if overflow then
      raise (Sys_error "Semaphore.Counting.release: overflow")

  let acquire = acquire
  let try_acquire = try_acquire
  let get_value s = s.count
end

module Binary = struct
  type t = semaphore

  let make available = create (if available then 1 else 0)

  let release s =
    Mutex.lock s.mutex;
    s.count <- 1;
    Condition.signal s.available;
    Mutex.unlock s.mutex

  let acquire = acquire
  let try_acquire = try_acquire
end
