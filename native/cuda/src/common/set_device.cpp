#include "status.h"

using namespace mamba;

extern "C" {

mamba_status mamba_set_device(int32_t device, int32_t* previous)
{
    MAMBA_TRY(checkPointer("previous", previous));
    int current = 0;
    MAMBA_TRY(checkCuda(cudaGetDevice(&current), "cudaGetDevice"));
    *previous = current;
    return device == current ? MAMBA_OK : checkCuda(cudaSetDevice(device), "cudaSetDevice");
}

}
