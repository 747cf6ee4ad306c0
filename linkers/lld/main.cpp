// The bundled linker: the ELF half of LLD as one small static executable.
//
// LLD as distributions package it loads all of libLLVM, some 130 MB, because it can link LLVM bitcode.
// rocaml never links bitcode, so this program links LLD's own archives with `no_bitcode.cpp` in place of the
// bitcode compiler and the code generators: about 5 MB, and no time spent in relocating a library.

#include "lld/Common/Driver.h"
#include "llvm/Support/raw_ostream.h"

namespace lld::elf {
bool link(llvm::ArrayRef<const char *> args, llvm::raw_ostream &out, llvm::raw_ostream &err, bool exit_early,
          bool disable_output);
}

int main(int argc, char **argv) {
  llvm::ArrayRef<const char *> args(argv, static_cast<size_t>(argc));
  bool linked = lld::elf::link(args, llvm::outs(), llvm::errs(), /*exit_early=*/true, /*disable_output=*/false);
  return linked ? 0 : 1;
}
