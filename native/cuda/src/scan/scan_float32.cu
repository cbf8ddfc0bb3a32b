#include "scan_run.cuh"

namespace mamba {

template mamba_status runScanForward<float>(const ScanParams& p, cudaStream_t stream);
template mamba_status runScanBackward<float>(const ScanParams& p, cudaStream_t stream);

}
