// What stands in for LLVM's code generators in the bundled linker (see main.cpp).
//
// LLD calls these functions only for bitcode inputs (objects compiled with -flto) and for zstd-compressed
// sections. Defining them here keeps the archive members that would need all of LLVM out of the link.

#include "llvm/CodeGen/CommandFlags.h"
#include "llvm/LTO/LTO.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <vector>

[[noreturn]] static void unsupported(const char *what) {
  llvm::errs() << "ld.lld: error: " << what << " is not supported by this linker; use -linker cc\n";
  llvm::errs().flush();
  std::_Exit(1);
}

// The target registries stay empty: nothing generates code here.
#define LLVM_TARGET(name)                                                                                              \
  extern "C" void LLVMInitialize##name##TargetInfo() {}                                                                \
  extern "C" void LLVMInitialize##name##Target() {}                                                                    \
  extern "C" void LLVMInitialize##name##TargetMC() {}
#include "llvm/Config/Targets.def"
#define LLVM_ASM_PRINTER(name) extern "C" void LLVMInitialize##name##AsmPrinter() {}
#include "llvm/Config/AsmPrinters.def"
#define LLVM_ASM_PARSER(name) extern "C" void LLVMInitialize##name##AsmParser() {}
#include "llvm/Config/AsmParsers.def"

llvm::codegen::RegisterCodeGenFlags::RegisterCodeGenFlags() {}

// Declared as in LLD's private header, as far as names and layout-free signatures go.
namespace lld::elf {
class InputFile;
class BitcodeFile;
class BitcodeCompiler {
public:
  BitcodeCompiler();
  ~BitcodeCompiler();
  void add(BitcodeFile &);
  std::vector<InputFile *> compile();
};
BitcodeCompiler::BitcodeCompiler() {}
BitcodeCompiler::~BitcodeCompiler() {}
void BitcodeCompiler::add(BitcodeFile &) { unsupported("LLVM bitcode"); }
// Called in every link, after the bitcode files were added.
std::vector<InputFile *> BitcodeCompiler::compile() { return {}; }
} // namespace lld::elf

namespace llvm::lto {
InputFile::~InputFile() {}
Expected<std::unique_ptr<InputFile>> InputFile::create(MemoryBufferRef) { unsupported("LLVM bitcode"); }
SmallVector<const char *> LTO::getRuntimeLibcallSymbols(const Triple &) { return {}; }
} // namespace llvm::lto

// Sections compressed with zstd; zlib is linked.
#define ZSTD_STUB(name)                                                                                                \
  extern "C" void name() { unsupported("zstd compression of sections"); }
ZSTD_STUB(ZSTD_CCtx_setParameter)
ZSTD_STUB(ZSTD_compressStream2)
ZSTD_STUB(ZSTD_createCCtx)
ZSTD_STUB(ZSTD_decompress)
ZSTD_STUB(ZSTD_freeCCtx)
ZSTD_STUB(ZSTD_getErrorName)
ZSTD_STUB(ZSTD_isError)
