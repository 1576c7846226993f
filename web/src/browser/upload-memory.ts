import type { PreviousUpload, UrlStorage } from "tus-js-client";

const PREFIX = "teleconsultation.upload.";

/**
 * Where the unfinished uploads of this tab are. It keeps addresses only: neither names nor kinds of files, which the library would leave
 * on the device for whoever uses it next.
 */
export const uploadMemory: UrlStorage = {
  findAllUploads: () => Promise.resolve([]),
  findUploadsByFingerprint: (fingerprint) => Promise.resolve(found(fingerprint)),
  removeUpload: (key) => {
    try {
      sessionStorage.removeItem(key);
    } catch {
      // See `tab-memory.ts`: then there is nothing to remove.
    }
    return Promise.resolve();
  },
  addUpload: async (fingerprint, upload) => {
    const key = await keyOf(fingerprint);
    try {
      if (upload.uploadUrl !== null) sessionStorage.setItem(key, upload.uploadUrl);
    } catch {
      // Then it begins anew after a reload.
    }
    return key;
  },
};

async function found(fingerprint: string): Promise<PreviousUpload[]> {
  try {
    const urlStorageKey = await keyOf(fingerprint);
    const uploadUrl = sessionStorage.getItem(urlStorageKey);
    return uploadUrl === null ? [] : [{ size: null, metadata: {}, creationTime: "", urlStorageKey, uploadUrl, parallelUploadUrls: null }];
  } catch {
    return [];
  }
}

/** A fingerprint has the name of the file: what is kept has its digest. Without a secure connection there is none; then a weaker sum does. */
async function keyOf(fingerprint: string): Promise<string> {
  const bytes = new TextEncoder().encode(fingerprint);
  if (!isSecureContext) return PREFIX + String(bytes.reduce((sum, byte) => (Math.imul(sum, 31) + byte) >>> 0, 7));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return PREFIX + [...digest.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
