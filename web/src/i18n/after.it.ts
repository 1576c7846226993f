import type { afterEn } from "./after.en";

/** I testi di ciò che segue il consulto. Parte di `it`. */
export const afterIt: Readonly<Record<keyof typeof afterEn, string>> = {
  "after.onward": "Che cosa viene dopo",
  "after.goes_on": "Questa pagina prosegue da sola verso {host}. Può fermarla.",
  "after.seconds": "Tra {count} s",
  "after.stays": "Resta su questa pagina.",
  "after.go": "Vai a {host}",
  "after.stay": "Resta qui",

  "rate.over": "È passato troppo tempo per valutare il consulto.",
};
