import { ask, type Fetch } from "./http";

/** `over`: ratings of this consultation are not taken any more, so trying again is of no use. */
export type RatingResult = "done" | "over" | "failed";

/** Says how the call was. It goes over HTTP, because the call channel ends with the room. */
export async function sendRating(fetch: Fetch, accessToken: string, stars: number, comment: string | null): Promise<RatingResult> {
  const answer = await ask(fetch, "POST", "/call/rating", { access_token: accessToken, stars, ...(comment === null ? {} : { comment }) });
  if (answer?.status === 204) return "done";
  return answer?.status === 404 || answer?.status === 410 ? "over" : "failed";
}
