import { Log } from "../ports";

/** nginx's error log; every line begins with `signpost: `. */
export const log: Log = {
  error: (message) => {
    ngx.log(ngx.ERR, "signpost: ", message);
  },
  warn: (message) => {
    ngx.log(ngx.WARN, "signpost: ", message);
  },
};
