/** How large a picture may be: a small file can unfold into a huge one. */
import { UserError } from '../../errors.js';

/** Above what cameras make; decoded, such a picture takes 400 MB. */
const mostPixels = 100_000_000;

/** @throws UserError for pictures without pixels or with too many. */
export function checkArea(width: number, height: number, where: string): void {
  const area = width * height;
  if (area > 0 && area <= mostPixels) return;
  throw new UserError(
    where,
    `expected 1 to ${mostPixels / 1e6} million pixels, got ${width} x ${height}; make it smaller`,
  );
}
