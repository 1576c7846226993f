import type { TranslateOf } from "../translate";
import type { DeskTextKey } from "./en";

export type { DeskTextKey } from "./en";

export type DeskTranslate = TranslateOf<DeskTextKey>;
