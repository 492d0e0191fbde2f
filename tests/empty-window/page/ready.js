performance.mark("till:usable");
