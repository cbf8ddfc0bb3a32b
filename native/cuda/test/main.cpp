// Every operator against double precision, with random inputs and poisoned buffers. `mamba_cuda_test small` runs few cases, for the sanitizers.
#include "support.h"

int main(int count, char** values)
{
    bool small = count > 1 && std::string(values[1]) == "small";
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
        const char* required = std::getenv("MAMBA_REQUIRE_CUDA");
        std::printf("skipped: no device\n");
        return required != nullptr && std::string(required) == "1" ? 1 : 0;
    }

    test::errorTests();
    test::scanTests(small);
    test::operatorTests(small);
    test::optimizerTests();
    test::cuda(cudaDeviceSynchronize());
    std::printf("%d checks, %d failures; the largest error is %.2f of its tolerance\n", test::counts().checks, test::counts().failures, test::counts().worst);
    return test::counts().failures == 0 ? 0 : 1;
}
