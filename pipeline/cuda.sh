#!/usr/bin/env bash
# Finds NVIDIA's compiler and libraries, and writes what was found as make variables: cuda.sh CONFIG.mk
# nvcc: of CUDA_HOME, on PATH, or of Python's wheel nvidia.cu13; cuDNN: beside it, of CUDNN_HOME, or of the wheel
# nvidia.cudnn. NVCC_CCBIN is the host's compiler for nvcc. Nothing is asked of a card: the list of architectures is
# fixed, less those that nvcc does not know.
set -euo pipefail

config=$1
wanted=(75 80 86 89 90 100 120)
: "${CUDA_HOME:=}" "${CUDNN_HOME:=}" "${NVCC_CCBIN:=}"

fail() {
  printf 'cuda: %s\n' "$1" >&2
  printf 'cuda: what it needs, and from where: make setup CUDA=1\n' >&2
  exit 1
}
row() { printf '  %-14s %s\n' "$1" "$2"; }
wheel() { python3 -c "import $1 as m; print(list(m.__path__)[0])" 2>/dev/null || true; }

nvcc=''
for candidate in "${CUDA_HOME:+$CUDA_HOME/bin/nvcc}" "$(command -v nvcc || true)" /usr/local/cuda/bin/nvcc \
  "$(wheel nvidia.cu13)/bin/nvcc"; do
  if [ -n "$candidate" ] && [ -x "$candidate" ]; then
    nvcc=$candidate
    break
  fi
done
[ -n "$nvcc" ] || fail 'there is no nvcc: not in CUDA_HOME, not on PATH, no wheel nvidia-cuda-nvcc'
root=$(cd "$(dirname "$(readlink -f "$nvcc")")/.." && pwd)

# first FILE FOLDER...: the first folder that has the file.
first() {
  local file=$1 folder
  shift
  for folder in "$@"; do
    if [ -e "$folder/$file" ]; then
      printf '%s\n' "$folder"
      return
    fi
  done
}
cudnn_wheel=$(wheel nvidia.cudnn)
cudnn_include=$(first cudnn.h ${CUDNN_HOME:+"$CUDNN_HOME/include"} "$root/include" ${cudnn_wheel:+"$cudnn_wheel/include"} /usr/include)
[ -n "$cudnn_include" ] || fail "there is no cudnn.h: not beside $nvcc, not in CUDNN_HOME, no wheel nvidia-cudnn-cu13"
cudnn_lib=$(first libcudnn.so.9 ${CUDNN_HOME:+"$CUDNN_HOME/lib" "$CUDNN_HOME/lib64"} "$root/lib64" "$root/lib" \
  ${cudnn_wheel:+"$cudnn_wheel/lib"} /usr/lib/x86_64-linux-gnu)
[ -n "$cudnn_lib" ] || fail "there is no libcudnn.so.9 (cuDNN 9), though $cudnn_include/cudnn.h is there"
cuda_lib=$(first libcudart_static.a "$root/lib64" "$root/lib")
[ -n "$cuda_lib" ] || fail "there is no libcudart_static.a beside $nvcc"
version=$("$nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')
blas_name=$(basename "$(find "$cuda_lib"/ -maxdepth 1 -name 'libcublasLt.so.[0-9]*' ! -name '*.*.*.*' | sort -V | tail -1)")
[ -n "$blas_name" ] || fail "there is no libcublasLt.so beside $nvcc"

known=$("$nvcc" --list-gpu-code | tr '\n' ' ')
architectures=() left_out=()
for a in "${wanted[@]}"; do
  case " $known" in *" sm_$a "*) architectures+=("$a") ;; *) left_out+=("$a") ;; esac
done
[ ${#architectures[@]} -gt 0 ] || fail "$nvcc ($version) knows none of the architectures ${wanted[*]}"
newest=${architectures[${#architectures[@]} - 1]}
codes=()
for a in "${architectures[@]}"; do codes+=(-gencode "arch=compute_$a,code=sm_$a"); done
codes+=(-gencode "arch=compute_$newest,code=compute_$newest")

printf 'Building for NVIDIA cards:\n'
row nvcc "$version, $nvcc"
row 'host compiler' "${NVCC_CCBIN:-as nvcc chooses}"
row cuDNN "$(sed -n 's/^#define CUDNN_\(MAJOR\|MINOR\|PATCHLEVEL\) *\([0-9]*\).*/\2/p' "$cudnn_include"/cudnn_version.h | paste -sd.), $cudnn_lib"
row cuBLASLt "$cuda_lib/$blas_name"
row architectures "${architectures[*]}, and PTX of $newest${left_out[*]:+; this nvcc does not know ${left_out[*]}}"
{
  printf '# Written by pipeline/cuda.sh; remove it (or make clean) to look again.\n'
  printf 'nvcc := %s\n' "$nvcc${NVCC_CCBIN:+ -ccbin $NVCC_CCBIN}"
  printf 'cuda_include := %s\n' "$root/include"
  printf 'cudnn_include := %s\n' "$cudnn_include"
  printf 'cuda_lib := %s\n' "$cuda_lib"
  printf 'cudnn_lib := %s\n' "$cudnn_lib"
  printf 'cublaslt := %s\n' "$blas_name"
  printf 'cuda_codes := %s\n' "${codes[*]}"
  printf 'cuda_architectures := %s\n' "${architectures[*]}"
} >"$config.new"
mv "$config.new" "$config"
