console.log("tare");
