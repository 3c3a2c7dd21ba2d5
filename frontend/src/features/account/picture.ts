/** Pixels; a picture is never shown larger. */
const SIDE = 512;
export const PICTURE_TYPES: readonly string[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/**
 * The middle of a picture as a square of at most 512 × 512 pixels, drawn anew: small enough for every limit, and without
 * what cameras write beside the pixels (place, time, device). Throws a `DOMException` where the file is no picture.
 */
export async function squarePicture(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  try {
    const side = Math.min(bitmap.width, bitmap.height);
    const size = Math.min(side, SIDE);
    const canvas = document.createElement('canvas');
    canvas.width = size;
    canvas.height = size;
    const context = canvas.getContext('2d');
    if (context === null) throw new DOMException('no canvas', 'NotSupportedError');
    context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, size, size);
    return await new Promise((resolve, reject) => {
      canvas.toBlob(
        (blob) => (blob === null ? reject(new DOMException('no blob', 'EncodingError')) : resolve(blob)),
        'image/png',
      );
    });
  } finally {
    bitmap.close();
  }
}
