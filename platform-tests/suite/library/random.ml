(* Random, Scanf, Arg, and other modules that a program may open first. *)

let () =
  Random.init 42;
  print_endline (String.concat " " (List.init 8 (fun _ -> string_of_int (Random.int 1000))));
  Printf.printf "%.12f %b %Ld %ld\n" (Random.float 1.) (Random.bool ()) (Random.int64 1_000_000_000_000L) (Random.int32 1000l);
  let state = Random.State.make [| 1; 2; 3 |] in
  Printf.printf "%d %d %d\n" (Random.State.bits state) (Random.State.int state 6) (Random.State.full_int state 1_000_000_000_000);
  let copy = Random.State.copy state in
  Printf.printf "%b\n" (Random.State.bits state = Random.State.bits copy)

let () =
  Scanf.sscanf "12 0x1f word 3.5 'q'" "%d %i %s %f %C" (fun a b s f c -> Printf.printf "%d %d %s %g %c\n" a b s f c);
  Scanf.sscanf "k=v;rest" "%[^=]=%[^;];%s" (fun k v r -> Printf.printf "%s %s %s\n" k v r);
  try Scanf.sscanf "abc" "%d" (fun _ -> ()) with Scanf.Scan_failure _ -> print_endline "scan failure"

let () =
  let verbose = ref false and level = ref 0 and rest = ref [] in
  let spec = [ "-v", Arg.Set verbose, " be verbose"; "-l", Arg.Set_int level, "N level" ] in
  Arg.parse_argv ~current:(ref 0) [| "prog"; "-v"; "-l"; "3"; "file" |] spec (fun s -> rest := s :: !rest) "usage";
  Printf.printf "%b %d %s\n" !verbose !level (String.concat "," !rest);
  try Arg.parse_argv ~current:(ref 0) [| "prog"; "-x" |] spec ignore "usage: prog" with Arg.Bad m -> print_string m
