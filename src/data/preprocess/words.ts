/** The words of preprocessing steps, for the command line and for files. */
export const channelOrders = ['rgb', 'bgr', 'gray'] as const;
export const layouts = ['nchw', 'nhwc'] as const;
export const interpolations = ['nearest', 'bilinear', 'bicubic'] as const;
