/** Where a graph can run: what each provider needs and how to get it. Data only: the command line reads it at every start. */

export interface Provider {
  /** `platform-arch` pairs on which the installed runtime has it; absent: everywhere. */
  readonly platforms?: readonly string[];
  readonly needs: string;
  /** A shared library without which it cannot start on Linux. */
  readonly library?: string;
  readonly get: string;
  /** Whether `auto` tries it: TensorRT takes minutes to build its engines, so it is only taken by name. */
  readonly isAutomatic: boolean;
}

/** All providers, in the order in which `auto` tries them. */
export const providers = {
  cuda: {
    platforms: ['linux-x64'],
    needs: 'an NVIDIA GPU with its driver, CUDA 12, cuDNN 9 and the CUDA provider library of ONNX Runtime',
    get: 'install CUDA 12 and cuDNN 9, then run `ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node`',
    isAutomatic: true,
  },
  tensorrt: {
    platforms: ['linux-x64'],
    needs: 'all that cuda needs, and TensorRT 10',
    get: 'install TensorRT 10, CUDA 12 and cuDNN 9, then run `ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node`',
    isAutomatic: false,
  },
  dml: {
    platforms: ['win32-x64', 'win32-arm64'],
    needs: 'Windows with a DirectX 12 GPU',
    get: 'update Windows and the GPU driver',
    isAutomatic: true,
  },
  coreml: {
    platforms: ['darwin-arm64'],
    needs: 'macOS 13 or later',
    get: 'update macOS',
    isAutomatic: true,
  },
  webgpu: {
    platforms: ['linux-x64', 'win32-x64', 'win32-arm64', 'darwin-arm64'],
    needs: 'a GPU with a Vulkan, Direct3D 12 or Metal driver (on Linux also libvulkan.so.1)',
    library: 'libvulkan.so.1',
    get: 'install the GPU driver, and on Linux the Vulkan loader (Debian, Ubuntu: `apt-get install libvulkan1`)',
    isAutomatic: true,
  },
  cpu: { needs: 'nothing', get: 'it comes with the runtime', isAutomatic: true },
} as const satisfies Record<string, Provider>;

export type ProviderName = keyof typeof providers;

export const providerNames = Object.keys(providers) as readonly ProviderName[];
