/** An address of a file in this page; it goes with what shows it. */

import { useEffect, useState } from "react";

/** What browsers show of themselves. */
const SHOWN = /^image\/(png|jpeg|gif|webp|bmp|avif|svg\+xml|x-icon)$/;
export const isShown = (file: File) => SHOWN.test(file.type);

export function usePicture(file: File | null): string {
  const [address, setAddress] = useState("");
  useEffect(() => {
    if (!file) {
      setAddress("");
      return;
    }
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return address;
}
