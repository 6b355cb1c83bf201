_G.require("signpost").rewrite()
