#include "scan_run.cuh"

namespace mamba {

template mamba_status runScanForward<__half>(const ScanParams& p, cudaStream_t stream);
template mamba_status runScanBackward<__half>(const ScanParams& p, cudaStream_t stream);

}
