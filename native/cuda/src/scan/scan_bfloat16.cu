#include "scan_run.cuh"

namespace mamba {

template mamba_status runScanForward<__nv_bfloat16>(const ScanParams& p, cudaStream_t stream);
template mamba_status runScanBackward<__nv_bfloat16>(const ScanParams& p, cudaStream_t stream);

}
